import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { Watch } from '../../../src/actions/programs/watch.ts';
import { Folder } from '../../support/actions/words.ts';
import { quoted } from '../../support/shell.ts';
import { until } from '../../support/until.ts';

const folder = new Folder();
const open: Watch[] = [];
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const watch of open.splice(0)) watch.stop();
});
afterAll(() => folder.remove());

let made = 0;

/** Watches a shell script. `pids` returns the process ids of its runs, and `rings` returns the number of reported changes. */
function watched(script: string): { watch: Watch; rings: () => number; pids: () => number[] } {
  made += 1;
  const pids = folder.write(`pids${made}`, '');
  const program = folder.write(`watched${made}`, `#!/bin/sh\necho $$ >>${quoted(pids)}\n${script}\n`, 0o755);
  let count = 0;
  const watch = new Watch({ argv: [program], lines: '^\\s*delete table mine( |$)' }, () => (count += 1));
  open.push(watch);
  const read = (): number[] => readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number);
  return { watch, rings: () => count, pids: read };
}

describe('a watched program', () => {
  it('reports a change only for lines that match the pattern', async () => {
    const lines = folder.write('lines', 'add table mine\ndelete table mine-too\nis delete table mine\n');
    const [done, go] = [`${folder.path}/done`, `${folder.path}/go`];
    const { watch, rings } = watched(
      `cat ${lines}; touch ${done}; until [ -e ${go} ]; do sleep 0.05; done; echo "  delete table mine"; sleep 600`,
    );
    watch.start();
    await until('the lines that do not match are written', () => exists(done));
    expect(rings()).toBe(0);
    folder.write('go', '');
    await until('a change is reported', () => rings() > 0);
    expect(rings()).toBe(1);
  });

  it('reports a change when a line arrives in pieces, and after megabytes of output', async () => {
    const { watch, rings } = watched(
      'head -c 3000000 /dev/zero | tr "\\0" x; echo; printf "delete ta"; sleep 0.2; echo "ble mine"; sleep 600',
    );
    watch.start();
    await until('a change is reported', () => rings() > 0);
    expect(rings()).toBe(1);
  });

  it('is started again when it exits, and when it is killed', async () => {
    const { watch, pids, rings } = watched('echo delete table mine; exec sleep 600');
    watch.start();
    await until('a change is reported', () => rings() === 1);
    process.kill(pids()[0] ?? 0, 'SIGKILL');
    await until('a change is reported again', () => rings() === 2);
    expect(pids()).toHaveLength(2);
  });

  it('is started again after 1, 2, 4 ... 60 seconds, and after 1 second if it ran for a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const delays = vi.spyOn(globalThis, 'setTimeout');
    const { watch, pids } = watched('exec sleep 600');
    /** Kills the program after `life` milliseconds. Resolves to the milliseconds until the program is started again. */
    const pauseAfter = async (life: number): Promise<unknown> => {
      const count = pids().length;
      vi.advanceTimersByTime(life);
      const timers = delays.mock.calls.length;
      process.kill(pids().at(-1) ?? 0, 'SIGKILL');
      await until('the end of the program is noticed', () => delays.mock.calls.length > timers);
      const pause = Number(delays.mock.lastCall?.[1]);
      vi.advanceTimersByTime(pause);
      await until('the next program runs', () => pids().length === count + 1);
      return pause;
    };
    watch.start();
    await until('the program runs', () => pids().length === 1);
    const pauses: unknown[] = [];
    for (const life of [0, 0, 0, 0, 0, 59_999, 0, 0, 60_000, 0]) pauses.push(await pauseAfter(life));
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 1000, 2000]);
  });

  it('is replaced by a new process after an hour', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { watch, pids } = watched('exec sleep 600');
    watch.start();
    await until('the program runs', () => pids().length === 1);
    vi.advanceTimersByTime(3_599_999);
    expect(exists(`/proc/${pids()[0]}/exe`)).toBe(true);
    vi.advanceTimersByTime(1);
    await until('the program has ended', () => !exists(`/proc/${pids()[0]}/exe`));
  });

  it('is killed with its children when the watch is stopped, and then reports no changes', async () => {
    const { watch, pids, rings } = watched('sleep 600 & echo $! >>"$(dirname $0)/pids' + String(made + 1) + '"; wait');
    watch.start();
    await until('the program and its child run', () => pids().length === 2);
    watch.stop();
    await until('the program and its child have ended', () => pids().every((pid) => !exists(`/proc/${pid}/exe`)));
    expect(rings()).toBe(0);
  });
});

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
