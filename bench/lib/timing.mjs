// Runs programs, and measures their wall time, their CPU time with all children, and their peak of resident memory. Programs that are compared run in
// turn, A B A B, so that other load on the machine affects all of them equally.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpacked } from './debian.mjs';

let timeProgram;

/** Returns the path of time(1), which measures the peak of memory, or undefined when it is missing. */
function memoryProgram() {
  timeProgram ??= { path: folderOf(unpacked('time', () => {})) };
  return timeProgram.path;
}

function folderOf(root) {
  return root && join(root, 'usr', 'bin', 'time');
}

/**
 * Runs one command to its end. A string is a pipeline for bash, in which `$1`, ... are `words`. When the command fails, throws an error, except with
 * `mayFail`. The output goes to a file, because grep stops early when its output is /dev/null.
 */
export function measure(command, { words = [], env, mayFail = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-bench-'));
  try {
    const argv = typeof command === 'string' ? ['bash', '-o', 'pipefail', '-c', command, 'bash', ...words] : command;
    const peak = join(folder, 'peak');
    const memory = memoryProgram();
    const whole = memory ? [memory, '-q', '-f', '%M', '-o', peak, ...argv] : argv;
    const output = join(folder, 'output');
    const times = join(folder, 'times');
    const script = `output=$1 times=$2; shift 2; exec 3>&2; { time "$@" >"$output" 2>&3; } 2>"$times"`;
    const result = spawnSync('bash', ['-c', `TIMEFORMAT='%3R %3U %3S'; ${script}`, 'bash', output, times, ...whole], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const failed = result.error ?? (result.status !== 0 && !mayFail ? new Error(`${argv.join(' ')}: ${result.stderr}`) : undefined);
    if (failed) throw failed;
    const [wall, user, system] = readFileSync(times, 'utf8').trim().split(/\s+/).map(Number);
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
 * Measures contenders in turn. `contenders` maps each name to a function that runs the contender once and returns figures. The result maps each name
 * to the medians of its figures. The first round warms up and does not count.
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

/** Returns the middle value, or the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Makes a folder in /var/tmp, which is on a disk; /tmp may be in memory. Returns the folder and a function that removes it. */
export function workFolder() {
  mkdirSync('/var/tmp', { recursive: true });
  const folder = mkdtempSync('/var/tmp/trapline-bench-');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
