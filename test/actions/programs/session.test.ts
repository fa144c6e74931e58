import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { Session } from '../../../src/actions/programs/session.ts';
import { Folder } from '../../support/actions/words.ts';
import { until } from '../../support/until.ts';

const folder = new Folder();
const open: Session[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const stays of open.splice(0)) stays.close();
});
afterAll(() => folder.remove());

/** A program that writes its commands to a file, prints an error for `bad` as nft does, and replies to `end`. `special` runs first for each line. */
const PROGRAM = (special: string): string => `const { appendFileSync } = require('node:fs');
appendFileSync(process.argv[2] + '.pids', process.pid + '\\n');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  ${special}
  if (line === 'end') return process.stderr.write('Error: unexpected\\nend\\n^^^\\n');
  appendFileSync(process.argv[2], line.slice(0, 200) + '\\n');
  if (line.includes('bad')) process.stderr.write('Error: no such thing\\n' + line + '\\n    ^^^\\n');
});
`;

let made = 0;

function session(special = '', patience = 60_000): { stays: Session; lines: () => string[]; pids: () => number[] } {
  made += 1;
  const program = folder.write(`program${made}.cjs`, PROGRAM(special));
  const file = folder.write(`commands${made}`, '');
  folder.write(`commands${made}.pids`, '');
  const stays = new Session({
    argv: [process.execPath, program, file],
    instead: ['program', '-'],
    end: 'end',
    ended: '^Error: .*\\nend\\n.*\\n',
    patience,
  });
  open.push(stays);
  return { stays, lines: () => linesOf(file), pids: () => linesOf(`${file}.pids`).map(Number) };
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter(Boolean);

const command = (stdin: string): { argv: string[]; stdin: string } => ({ argv: ['program', '-'], stdin });

describe('a session program', () => {
  it('receives one command after another, each in one line', async () => {
    const { stays, lines, pids } = session();
    expect(await stays.run(command('add one\nadd two\n'))).toEqual({ output: '' });
    expect(await stays.run(command('add three'))).toEqual({ output: '' });
    expect(lines()).toEqual(['add one; add two', 'add three']);
    expect(pids()).toHaveLength(1);
  });

  it('that writes without end while it has no command is killed', async () => {
    const { stays, pids } = session("if (line === 'end') setInterval(() => process.stderr.write('x'.repeat(65536)), 1);");
    expect(await stays.run(command('add one'))).toEqual({ output: '' });
    const [pid = 0] = pids();
    await until('the program has ended', () => {
      try {
        return !process.kill(pid, 0);
      } catch {
        return true;
      }
    });
    expect(await stays.run(command('add two'))).toEqual({ output: '' });
    expect(pids()).toHaveLength(2);
  });

  it('refuses a command for which it prints an error, and continues', async () => {
    const { stays, lines } = session();
    expect(await stays.run(command('add bad'))).toEqual({ refused: 'program -: Error: no such thing' });
    expect(await stays.run(command('add good'))).toEqual({ output: '' });
    expect(lines()).toEqual(['add bad', 'add good']);
  });

  it.each([
    ['has a different argv', { argv: ['program', 'list'], stdin: 'x' }],
    ['has no input', { argv: ['program', '-'] }],
    ['is one character too long', command('x'.repeat(16_385))],
  ])('does not run a command that %s', async (_, other) => {
    const { stays, pids } = session();
    expect(await stays.run(other)).toBeUndefined();
    expect(pids()).toEqual([]);
  });

  it('accepts a command of 16,384 characters', async () => {
    const { stays } = session();
    expect(await stays.run(command('x'.repeat(16_384)))).toEqual({ output: '' });
  });

  it('has no result for the command during which it exits, and is not used for the next command', async () => {
    const { stays, pids } = session("if (line === 'die') process.exit(0);");
    await stays.run(command('add one'));
    expect(await stays.run(command('die'))).toBeUndefined();
    expect(await stays.run(command('add two'))).toBeUndefined();
    expect(pids()).toHaveLength(1);
  });

  it('is used again a minute after its exit', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { stays, pids } = session("if (line === 'die') process.exit(0);");
    await stays.run(command('add one'));
    await stays.run(command('die'));
    vi.advanceTimersByTime(59_999);
    expect(await stays.run(command('add two'))).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(await stays.run(command('add three'))).toEqual({ output: '' });
    expect(pids()).toHaveLength(2);
  });

  it('is never used again if it has never replied', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { stays, pids } = session('process.exit(0);');
    expect(await stays.run(command('add one'))).toBeUndefined();
    vi.advanceTimersByTime(86_400_000);
    expect(await stays.run(command('add two'))).toBeUndefined();
    expect(pids()).toHaveLength(1);
  });

  it('is killed with its children when it does not reply', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const child = "require('node:child_process').spawn('sleep', ['600']).pid";
    const { stays, pids } = session(`if (line === 'end') return; appendFileSync(process.argv[2] + '.pids', ${child} + '\\n');`);
    const running = stays.run(command('hang'));
    await until('the program and its child run', () => pids().length === 2);
    vi.advanceTimersByTime(60_000);
    expect(await running).toBeUndefined();
    await until('the program and its child have ended', () => !pids().some(runs));
  });

  it('has no result when it cannot be started', async () => {
    const stays = new Session({ argv: ['/nonexistent'], instead: ['program', '-'], end: 'end', ended: 'end' });
    expect(await stays.run(command('add one'))).toBeUndefined();
  });

  it('is replaced by a new process after 4 MiB of commands, because it keeps every line in memory', async () => {
    const { stays, pids } = session();
    for (let count = 0; count < 300; count += 1) await stays.run(command('x'.repeat(16_000)));
    expect(pids()).toHaveLength(2);
    await until('the first process has ended', () => !runs(pids()[0] ?? 0));
  });

  it('exits when the session is closed, and has no result for the running command', async () => {
    const { stays, pids } = session("if (line === 'end') return;");
    const running = stays.run(command('add one'));
    await until('the program runs', () => pids().length > 0);
    stays.close();
    expect(await running).toBeUndefined();
    await until('the program has ended', () => !runs(pids()[0] ?? 0));
  });
});

function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
