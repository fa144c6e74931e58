// Runs programs and measures them: wall and CPU seconds (children included, whatever they are), peak of resident memory. Programs that are
// compared take turns, A B A B, so that what else the machine does hits all of them alike.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpacked } from './debian.mjs';

let timeProgram;

/** time(1), for the peak of memory; undefined where it cannot be had. */
function memoryProgram() {
  timeProgram ??= { path: folderOf(unpacked('time', () => {})) };
  return timeProgram.path;
}

function folderOf(root) {
  return root && join(root, 'usr', 'bin', 'time');
}

/**
 * Runs one command to its end. A text is a pipeline for bash, `$1`, ... its `words`. Throws when it fails, unless `mayFail`. Output goes to a file:
 * grep, for one, gives up early when it sees that nobody reads what it prints.
 */
export function measure(command, { words = [], env, mayFail = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-bench-'));
  try {
    const argv = typeof command === 'string' ? ['bash', '-o', 'pipefail', '-c', command, 'bash', ...words] : command;
    const peak = join(folder, 'peak');
    const memory = memoryProgram();
    const whole = memory ? [memory, '-q', '-f', '%M', '-o', peak, ...argv] : argv;
    const output = join(folder, 'output');
    const script = `exec 3>&2; { time "$@" >${output} 2>&3; } 2>${folder}/times`;
    const result = spawnSync('bash', ['-c', `TIMEFORMAT='%3R %3U %3S'; ${script}`, 'bash', ...whole], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const failed = result.error ?? (result.status !== 0 && !mayFail ? new Error(`${argv.join(' ')}: ${result.stderr}`) : undefined);
    if (failed) throw failed;
    const [wall, user, system] = readFileSync(join(folder, 'times'), 'utf8').trim().split(/\s+/).map(Number);
    return {
      wall,
      cpu: user + system,
      peak: memory ? Number(readFileSync(peak, 'utf8').trim().split('\n').at(-1)) * 1024 : undefined,
      output: readFileSync(output, 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Measures contenders side by side: `contenders` is name -> function that runs once and returns figures. Returns name -> median of each figure.
 * The first round, which warms up, does not count.
 */
export async function sideBySide(contenders, rounds, { warmUp = true } = {}) {
  const runs = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = warmUp ? -1 : 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contenders)) {
      const figures = await run();
      if (round >= 0) runs[name].push(figures);
    }
  }
  return Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, mediansOf(all)]));
}

function mediansOf(all) {
  const figures = Object.keys(all[0]).filter((figure) => typeof all[0][figure] === 'number');
  return Object.fromEntries(figures.map((figure) => [figure, median(all.map((one) => one[figure]))]));
}

/** The middle one, or the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A folder on a disk, where /tmp may be memory; removed by what it returns beside. */
export function workFolder() {
  mkdirSync('/var/tmp', { recursive: true });
  const folder = mkdtempSync('/var/tmp/trapline-bench-');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
