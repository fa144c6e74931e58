import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  exec,
  findProgram,
  killProgram,
  killPrograms,
  startFault,
  startPartner,
  startProgram,
} from '../../../src/lib/children/exec.ts';

const DEADLINE = 10_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-exec-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const shell = (script: string, ...args: string[]): string[] => ['/bin/sh', '-c', script, 'sh', ...args];

/** The process group in a text of proc_pid_stat(5): the third field after the name, which may contain blanks. */
const groupIn = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);

/** The process group of a program that prints its stat file. */
const groupOf = async (stdout: Readable | null): Promise<number> => groupIn(String(await stdout?.toArray()));

/** Returns true if a process still runs. A zombie does not run. */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Sets a PATH with an inaccessible folder, a missing folder and `bin`, and drops the rights of root. The end of the test undoes both. */
function searchedByAnybody(bin: string): void {
  const closed = join(bin, 'closed');
  mkdirSync(closed, { recursive: true });
  chmodSync(closed, 0o000);
  for (const path of [folder, bin]) chmodSync(path, 0o755);
  vi.stubEnv('PATH', `${closed}:${join(bin, 'missing')}:${bin}:${process.env['PATH']}`);
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  onTestFinished(() => {
    if (root) process.seteuid?.(0);
    vi.unstubAllEnvs();
    chmodSync(closed, 0o700);
  });
}

const fault = (code: string): Error => Object.assign(new Error(`spawn x ${code}`), { code });

async function dead(pid: number): Promise<boolean> {
  const end = Date.now() + DEADLINE;
  while (alive(pid) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  return !alive(pid);
}

describe('exec', () => {
  it('passes standard input to the program, and returns both outputs and the exit code', async () => {
    const result = await exec(shell('cat; echo oops >&2; exit 3'), { input: 'in\n', deadline: DEADLINE });
    expect(result).toEqual({ code: 3, signal: null, timedOut: false, stdout: 'in\n', stderr: 'oops\n', cut: false });
  });

  it('S01: passes arguments to the program unchanged, without a shell', async () => {
    const nasty = ['$(id)', '; id', '`id`', '\n~! id', '*'];
    const result = await exec(['/usr/bin/printf', '%s|', ...nasty], { deadline: DEADLINE });
    expect(result.stdout).toBe(`${nasty.join('|')}|`);
  });

  it('reduces the environment to PATH, MAIL_CONFIG, the C locale and given variables', async () => {
    const { stdout } = await exec(['/usr/bin/env'], { deadline: DEADLINE, environment: { NOTIFY_SOCKET: '/x' } });
    const names = new Set(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/=.*/, '')),
    );
    expect(names).toEqual(new Set(['LC_ALL', 'MAIL_CONFIG', 'NOTIFY_SOCKET', 'PATH']));
  });

  it('rejects when the program is missing', async () => {
    await expect(exec(['trapline-no-such-program'], { deadline: DEADLINE })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(exec([], { deadline: DEADLINE })).rejects.toThrow('empty argv');
  });

  it('rejects with ENOENT for a missing program, even when PATH contains a folder without search permission', async () => {
    searchedByAnybody(join(folder, 'unsearched'));
    const missing = { code: 'ENOENT', message: 'spawn trapline-no-such-program ENOENT' };
    await expect(exec(['trapline-no-such-program'], { deadline: DEADLINE })).rejects.toMatchObject(missing);
    expect((await exec(['true'], { deadline: DEADLINE })).code).toBe(0);
  });

  it('rejects with EACCES for a program that this user may not run', async () => {
    const bin = join(folder, 'forbidden');
    mkdirSync(bin);
    writeFileSync(join(bin, 'trapline-forbidden'), '#!/bin/sh\n', { mode: 0o600 });
    searchedByAnybody(bin);
    await expect(exec(['trapline-forbidden'], { deadline: DEADLINE })).rejects.toMatchObject({ code: 'EACCES' });
    await expect(exec([join(bin, 'trapline-forbidden')], { deadline: DEADLINE })).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('F11: kills a program and its children at the deadline', async () => {
    const file = join(folder, 'pids');
    const result = await exec(shell('sleep 600 & echo $$ $! >"$1"; wait', file), { deadline: 300 });
    expect(result).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: true });
    const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    expect(await Promise.all(pids.map(dead))).toEqual([true, true]);
  });

  it('kills the program when its signal is aborted', async () => {
    const controller = new AbortController();
    const running = exec(shell('echo started; sleep 600'), { deadline: DEADLINE, signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    expect(await running).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: false });
    const never = exec(shell('sleep 600'), { deadline: DEADLINE, signal: AbortSignal.abort() });
    expect(await never).toMatchObject({ signal: 'SIGKILL', timedOut: false });
  });

  it('does not wait for a child that outlives the program and keeps its outputs open', async () => {
    const file = join(folder, 'background');
    const result = await exec(shell('sleep 600 & echo $! >"$1"; echo done', file), { deadline: DEADLINE });
    expect(result).toMatchObject({ code: 0, timedOut: false, stdout: 'done\n' });
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  });

  it('does not wait for a child that outlives the program and writes without a pause', async () => {
    const file = join(folder, 'noise');
    const noise = 'echo done; (while :; do echo noise; sleep 0.05; done) & echo $! >"$1"';
    const result = await exec(shell(noise, file), { deadline: DEADLINE });
    expect(result).toMatchObject({ code: 0, timedOut: false, stdout: expect.stringMatching(/^done\n/) });
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  });

  it('kills the program when its output is longer than can be of use, and returns nothing of it', async () => {
    const result = await exec(shell('cat /dev/zero'), { deadline: DEADLINE, keep: 100_000, allOrNothing: true });
    expect(result).toMatchObject({ signal: 'SIGKILL', timedOut: false, stdout: '', cut: true });
  });

  it('resolves even when a child in a session of its own survives the kill', async () => {
    const file = join(folder, 'session');
    const result = await exec(shell('setsid sleep 600 & echo $! >"$1"; wait', file), { deadline: 300 });
    expect(result.timedOut).toBe(true);
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  });

  it('resolves when the kill does not end the program', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const result = await exec(shell('echo $$; exec sleep 600'), { deadline: 500 });
    kill.mockRestore();
    expect(result).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: true, stdout: expect.stringMatching(/^\d+\n$/) });
    process.kill(Number(result.stdout), 'SIGKILL');
  });

  it('keeps only the first bytes of a long output', async () => {
    const result = await exec(shell('head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2'), {
      deadline: DEADLINE,
      keep: 10,
    });
    expect(result).toMatchObject({ code: 0, cut: true });
    expect([result.stdout.length, result.stderr.length]).toEqual([10, 65_536]);
  });

  it.each([
    [10, false],
    [11, true],
  ])('keeps ten of %d bytes of output, and reports whether bytes were cut off', async (length, cut) => {
    const { stdout, ...rest } = await exec(shell(`printf %s ${'x'.repeat(length)}`), { deadline: DEADLINE, keep: 10 });
    expect([stdout, rest.cut]).toEqual(['x'.repeat(10), cut]);
  });

  it('resolves when the program does not read its input', async () => {
    const result = await exec(['/bin/true'], { input: 'x'.repeat(5_000_000), deadline: DEADLINE });
    expect(result.code).toBe(0);
  });
});

describe('startFault', () => {
  it('turns EACCES for a missing program into ENOENT, with the error of the system as the cause', () => {
    const denied = fault('EACCES');
    expect(startFault('trapline-no-such-program', denied)).toMatchObject({ code: 'ENOENT', cause: denied });
  });

  it.each([
    ['an existing program', 'sh', 'EACCES'],
    ['a path, which is not searched in PATH', '/trapline-no-such-folder/program', 'EACCES'],
    ['an error other than EACCES', 'trapline-no-such-program', 'EIO'],
  ])('leaves the error unchanged for %s', (_, name, code) => {
    const error = fault(code);
    expect(startFault(name, error)).toBe(error);
  });
});

describe('killPrograms', () => {
  it('kills every program that still runs, with its children', async () => {
    const file = join(folder, 'running');
    const program = startProgram(shell('sleep 600 & echo $$ $! >"$1"; echo started; wait', file));
    await once(program.stdout, 'data');
    onTestFinished(() => killProgram(program));
    const closed = once(program, 'close');
    killPrograms();
    const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    expect(await Promise.all(pids.map(dead))).toEqual([true, true]);
    expect(await closed).toEqual([null, 'SIGKILL']);
  });
});

describe('startPartner', () => {
  it('uses the process group of this program, while startProgram makes a new group', async () => {
    const words = ['cat', '/proc/self/stat'];
    const partner = startPartner(words, ['ignore', 'pipe', 'ignore']);
    const program = startProgram(words);
    const own = groupIn(readFileSync('/proc/self/stat', 'utf8'));
    expect(await Promise.all([groupOf(partner.stdout), groupOf(program.stdout)])).toEqual([own, program.pid]);
  });

  it('gives the program only PATH and the C locale as its environment', async () => {
    const { stdout } = startPartner(['env'], ['ignore', 'pipe', 'ignore']);
    const names = String(await stdout?.toArray())
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(new Set(names)).toEqual(new Set(['LC_ALL', 'MAIL_CONFIG', 'PATH']));
  });
});

describe('findProgram', () => {
  it('finds a program in PATH or in the folders of system programs', () => {
    expect(findProgram('sh')).toMatch(/^\/.*\/sh$/);
    expect(findProgram('trapline-no-such-program')).toBeUndefined();
  });

  it('skips folders, and files that are not executable', () => {
    const bin = join(folder, 'found');
    mkdirSync(join(bin, 'trapline-folder'), { recursive: true });
    writeFileSync(join(bin, 'trapline-text'), '', { mode: 0o644 });
    writeFileSync(join(bin, 'trapline-program'), '', { mode: 0o755 });
    searchedByAnybody(bin);
    const names = ['trapline-folder', 'trapline-text', 'trapline-program'];
    expect(names.map(findProgram)).toEqual([undefined, undefined, join(bin, 'trapline-program')]);
  });
});
