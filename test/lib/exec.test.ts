import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exec, findProgram } from '../../src/lib/exec.ts';

const DEADLINE = 10_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-exec-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const shell = (script: string, ...args: string[]): string[] => ['/bin/sh', '-c', script, 'sh', ...args];

/** Whether a process still runs; a zombie that nobody waited for does not. */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function dead(pid: number): Promise<boolean> {
  const end = Date.now() + DEADLINE;
  while (alive(pid) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  return !alive(pid);
}

describe('exec', () => {
  it('hands over standard input and gives back both outputs and the exit code', async () => {
    const result = await exec(shell('cat; echo oops >&2; exit 3'), { input: 'in\n', deadline: DEADLINE });
    expect(result).toEqual({ code: 3, signal: null, timedOut: false, stdout: 'in\n', stderr: 'oops\n', cut: false });
  });

  it('S01: hands arguments over as they are, without a shell', async () => {
    const nasty = ['$(touch x)', '; rm -rf /', '`id`', '\n~! touch /tmp/x', '*'];
    const result = await exec(['/usr/bin/printf', '%s|', ...nasty], { deadline: DEADLINE });
    expect(result.stdout).toBe(`${nasty.join('|')}|`);
  });

  it('cuts the environment down to PATH, the C locale and what is named', async () => {
    const { stdout } = await exec(['/usr/bin/env'], { deadline: DEADLINE, environment: { NOTIFY_SOCKET: '/x' } });
    const names = new Set(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/=.*/, '')),
    );
    expect(names).toEqual(new Set(['LC_ALL', 'NOTIFY_SOCKET', 'PATH']));
  });

  it('rejects when the program is missing', async () => {
    await expect(exec(['trapline-no-such-program'], { deadline: DEADLINE })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(exec([], { deadline: DEADLINE })).rejects.toThrow('empty argv');
  });

  it('F11: kills a program that hangs, with its children', async () => {
    const file = join(folder, 'pids');
    const result = await exec(shell('sleep 600 & echo $$ $! >"$1"; wait', file), { deadline: 300 });
    expect(result).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: true });
    const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    expect(await Promise.all(pids.map(dead))).toEqual([true, true]);
  });

  it('kills it when it is told to', async () => {
    const controller = new AbortController();
    const running = exec(shell('echo started; sleep 600'), { deadline: DEADLINE, signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    expect(await running).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: false });
    const never = exec(shell('sleep 600'), { deadline: DEADLINE, signal: AbortSignal.abort() });
    expect(await never).toMatchObject({ signal: 'SIGKILL' });
  });

  it('does not wait for a child that outlives the program and holds its outputs', async () => {
    const file = join(folder, 'background');
    const result = await exec(shell('sleep 600 & echo $! >"$1"; echo done', file), { deadline: DEADLINE });
    expect(result).toMatchObject({ code: 0, timedOut: false, stdout: 'done\n' });
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  });

  it('answers though a child in a session of its own survives the kill', async () => {
    const file = join(folder, 'session');
    const result = await exec(shell('setsid sleep 600 & echo $! >"$1"; wait', file), { deadline: 300 });
    expect(result.timedOut).toBe(true);
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  });

  it('keeps the first bytes of an endless output', async () => {
    const result = await exec(shell('head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2'), {
      deadline: DEADLINE,
      keep: 10,
    });
    expect(result).toMatchObject({ code: 0, cut: true });
    expect([result.stdout.length, result.stderr.length]).toEqual([10, 65_536]);
  });

  it('takes it well when the program does not read its input', async () => {
    const result = await exec(['/bin/true'], { input: 'x'.repeat(5_000_000), deadline: DEADLINE });
    expect(result.code).toBe(0);
  });
});

describe('findProgram', () => {
  it('finds a program on the PATH or where system programs live', () => {
    expect(findProgram('sh')).toMatch(/^\/.*\/sh$/);
    expect(findProgram('trapline-no-such-program')).toBeUndefined();
  });
});
