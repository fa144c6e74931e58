import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Session } from '../../../src/actions/programs/session.ts';
import { Folder } from '../../support/actions-words.ts';
import { until } from '../../support/e2e-until.ts';

const folder = new Folder();
const open: Session[] = [];
afterEach(() => {
  for (const told of open.splice(0)) told.close();
});
afterAll(() => folder.remove());

/** Writes down what it is told, complains about `bad` like nft, and answers to `end`; what else it does is up to a test. */
const PROGRAM = (special: string): string => `#!${process.execPath}
const { appendFileSync } = require('node:fs');
appendFileSync(process.argv[2] + '.pids', process.pid + '\\n');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  ${special}
  if (line === 'end') return process.stderr.write('Error: unexpected\\nend\\n^^^\\n');
  appendFileSync(process.argv[2], line.slice(0, 200) + '\\n');
  if (line.includes('bad')) process.stderr.write('Error: no such thing\\n' + line + '\\n    ^^^\\n');
});
`;

let made = 0;

function session(special = ''): { told: Session; lines: () => string[]; pids: () => number[] } {
  made += 1;
  const program = folder.write(`program${made}.cjs`, PROGRAM(special), 0o755);
  const file = folder.write(`told${made}`, '');
  folder.write(`told${made}.pids`, '');
  const told = new Session({
    argv: [program, file],
    instead: ['program', '-'],
    end: 'end',
    ended: '^Error: .*\\nend\\n.*\\n',
  });
  open.push(told);
  return { told, lines: () => linesOf(file), pids: () => linesOf(`${file}.pids`).map(Number) };
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter(Boolean);

const command = (stdin: string): { argv: string[]; stdin: string } => ({ argv: ['program', '-'], stdin });

describe('a program that stays', () => {
  it('is told commands one after the other, each on one line', async () => {
    const { told, lines, pids } = session();
    expect(await told.run(command('add one\nadd two\n'))).toEqual({ output: '' });
    expect(await told.run(command('add three'))).toEqual({ output: '' });
    expect(lines()).toEqual(['add one; add two', 'add three']);
    expect(pids()).toHaveLength(1);
  });

  it('refuses what it complains about, and goes on', async () => {
    const { told, lines } = session();
    expect(await told.run(command('add bad'))).toEqual({ refused: 'program -: Error: no such thing' });
    expect(await told.run(command('add good'))).toEqual({ output: '' });
    expect(lines()).toEqual(['add bad', 'add good']);
  });

  it.each([
    ['has another argv', { argv: ['program', 'list'], stdin: 'x' }],
    ['has no input', { argv: ['program', '-'] }],
    ['is long', command('x'.repeat(20_000))],
  ])('leaves a command alone that %s', async (_, other) => {
    const { told, pids } = session();
    expect(await told.run(other)).toBeUndefined();
    expect(pids()).toEqual([]);
  });

  it('knows nothing of a command during which it died, and is left alone for a while', async () => {
    const { told, pids } = session("if (line === 'die') process.exit(0);");
    await told.run(command('add one'));
    expect(await told.run(command('die'))).toBeUndefined();
    expect(await told.run(command('add two'))).toBeUndefined();
    expect(pids()).toHaveLength(1);
  });

  it('is killed with its children when it does not answer', async () => {
    const child = "require('node:child_process').spawn('sleep', ['600']).pid";
    const { told, pids } = session(`if (line === 'end') return; appendFileSync(process.argv[2] + '.pids', ${child} + '\\n');`);
    expect(await told.run(command('hang'))).toBeUndefined();
    expect(pids()).toHaveLength(2);
    await until('both are gone', () => !pids().some(runs));
  });

  it('knows nothing when it cannot be started', async () => {
    const told = new Session({ argv: ['/nonexistent'], instead: ['program', '-'], end: 'end', ended: 'end' });
    expect(await told.run(command('add one'))).toBeUndefined();
  });

  it('is exchanged for a new one after some megabytes, for it remembers every line', async () => {
    const { told, pids } = session();
    for (let count = 0; count < 300; count += 1) await told.run(command('x'.repeat(16_000)));
    expect(pids()).toHaveLength(2);
    expect(runs(pids()[0] ?? 0)).toBe(false);
  });

  it('ends when it is closed, and with it what is under way', async () => {
    const { told, pids } = session("if (line === 'end') return;");
    const running = told.run(command('add one'));
    await until('it runs', () => pids().length > 0);
    told.close();
    expect(await running).toBeUndefined();
    await until('it is gone', () => !runs(pids()[0] ?? 0));
  });
});

function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
