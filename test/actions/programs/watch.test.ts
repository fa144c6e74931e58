import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Watch } from '../../../src/actions/programs/watch.ts';
import { Folder } from '../../support/actions-words.ts';
import { until } from '../../support/e2e-until.ts';

const folder = new Folder();
const open: Watch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.stop();
});
afterAll(() => folder.remove());

let made = 0;

/** Watches a shell script, which says what `script` prints; `pids` are those of the programs that were started. */
function watched(script: string): { watch: Watch; rings: () => number; pids: () => number[] } {
  made += 1;
  const pids = folder.write(`pids${made}`, '');
  const program = folder.write(`watched${made}`, `#!/bin/sh\necho $$ >>${pids}\n${script}\n`, 0o755);
  let count = 0;
  const watch = new Watch({ argv: [program], lines: '^\\s*delete table mine( |$)' }, () => (count += 1));
  open.push(watch);
  const read = (): number[] => readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number);
  return { watch, rings: () => count, pids: read };
}

describe('a watched program', () => {
  it('rings for the lines that count, and for no other', async () => {
    const said = folder.write('said', 'add table mine\ndelete table mine-too\nis delete table mine\n');
    const done = `${folder.path}/done`;
    const { watch, rings } = watched(`cat ${said}; touch ${done}; sleep 1; echo "  delete table mine"; sleep 600`);
    watch.start();
    await until('it has said the others', () => exists(done));
    expect(rings()).toBe(0);
    await until('it rings', () => rings() > 0);
    expect(rings()).toBe(1);
  });

  it('is heard when a line comes in pieces, and when it says a lot', async () => {
    const { watch, rings } = watched(
      'head -c 3000000 /dev/zero | tr "\\0" x; echo; printf "delete ta"; sleep 0.2; echo "ble mine"; sleep 600',
    );
    watch.start();
    await until('it rings', () => rings() > 0);
    expect(rings()).toBe(1);
  });

  it('is started again when it ends, and when it is killed', async () => {
    const { watch, pids, rings } = watched('echo delete table mine; exec sleep 600');
    watch.start();
    await until('it rings', () => rings() === 1);
    process.kill(pids()[0] ?? 0, 'SIGKILL');
    await until('it rings again', () => rings() === 2);
    expect(pids()).toHaveLength(2);
  });

  it('ends with its children when it is stopped, and rings no more', async () => {
    const { watch, pids, rings } = watched('sleep 600 & echo $! >>"$(dirname $0)/pids' + String(made + 1) + '"; wait');
    watch.start();
    await until('both run', () => pids().length === 2);
    watch.stop();
    await until('both are gone', () => pids().every((pid) => !exists(`/proc/${pid}/exe`)));
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
