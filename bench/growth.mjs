// Measures how the time and memory of a backfill grow with the log, and with the allow-list. By hand: node bench/growth.mjs [--quick]
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, cachedLog } from './genlog.mjs';
import { backfillOf } from './lib/backfill.mjs';
import { byHand } from './lib/by-hand.mjs';
import { fail2banRegex, ripgrep, WORDS } from './lib/peers.mjs';
import { logPlot } from './lib/plot.mjs';
import { row } from './lib/rows.mjs';
import { measure, sideBySide, workFolder } from './lib/timing.mjs';

export const name = 'How the cost grows';

/** The numbers of lines of the logs. A line has 137 bytes on average, so the logs have 10 MB, 100 MB, 1 GB and 5 GB. */
const SIZES = [73_000, 730_000, 7_300_000, 36_500_000];

/** The number of lines of the largest log that fail2ban reads. Larger logs would take too long. */
const MOST_FOR_FAIL2BAN = 730_000;

/** The numbers of entries of the allow-lists. */
const ENTRIES = [10, 10_000, 100_000, 1_000_000];

const series = {};

export async function run({ quick, log }) {
  const { folder, remove } = workFolder();
  try {
    const empty = join(CACHE, 'empty.log');
    cachedLog(1000, { say: log });
    measure('>"$1"', { words: [empty] });
    const start = (await sideBySide({ trapline: backfillOf(folder, empty) }, 3)).trapline;
    const points = [];
    const fail2ban = fail2banRegex(folder, log);
    const rg = ripgrep(log);
    for (const lines of quick ? SIZES.slice(0, 3) : SIZES) {
      const path = cachedLog(lines, { say: log });
      const bytes = statSync(path).size;
      log(`a log of ${(bytes / 1e6).toFixed(0)} MB`);
      const contenders = {
        trapline: backfillOf(folder, path),
        'grep -F': () => measure(['grep', '-c', '-F', WORDS, path]),
        ...(rg && { 'rg -F': () => measure([rg, '-c', '-F', WORDS, path]) }),
      };
      const figures = await sideBySide(contenders, quick ? 2 : 5);
      if (fail2ban && lines <= MOST_FOR_FAIL2BAN && !quick)
        figures['fail2ban-regex'] = measure(fail2ban.argv(path), { env: fail2ban.env });
      for (const [who, { cpu }] of Object.entries(figures)) (series[who] ??= []).push([bytes / 1e6, cpu]);
      points.push({ bytes, ...figures.trapline });
    }
    return [...linear(points, start), ...memory(points, start), ...(await allowLists(folder, empty, { quick, log }))];
  } finally {
    remove();
  }
}

/** Plots the figures that `run` has measured. */
export function figure() {
  return logPlot({ title: 'CPU seconds for a plain log', x: 'megabytes of log', y: 'CPU seconds', series });
}

/** Divides the CPU time per byte of the largest log by the CPU time per byte of the second largest log. The start of the program is left out. */
function linear(points, start) {
  const [small, large] = points.slice(-2);
  const costs = [small, large].map(({ bytes, cpu }) => (cpu - start.cpu) / bytes);
  const what = `CPU time per byte in a log of ${gigabytes(large.bytes)}, relative to a log of ${gigabytes(small.bytes)}`;
  return [row({ what, unit: 'x', ours: costs[1] / costs[0], limit: { atMost: 1.15 } })];
}

function memory(points, start) {
  if (start.peak === undefined) return [];
  return points.map(({ bytes, peak }) =>
    row({
      what: `memory for a log of ${gigabytes(bytes)}, minus the memory for an empty log`,
      unit: 'MB',
      ours: (peak - start.peak) / 1e6,
      limit: { atMost: 100 },
    }),
  );
}

/** Measures a backfill of an empty log with allow-lists of several lengths: nearly all of the time is the start. */
async function allowLists(folder, empty, { quick, log }) {
  log('allow-lists');
  const contenders = ENTRIES.map((count) => {
    const own = join(folder, `allow-${count}`);
    mkdirSync(own);
    const list = join(own, 'allow.txt');
    writeFileSync(list, addresses(count));
    return [count, backfillOf(own, empty, [], `actions: [print]\ndefaults:\n  ignoreip: [${list}]\n`)];
  });
  const figures = await sideBySide(Object.fromEntries(contenders), quick ? 2 : 5);
  const [fewest, ...larger] = ENTRIES;
  const rowsOf = (count, key, { unit, title, scale, most }) => {
    const ours = figures[count][key];
    if (ours === undefined) return [];
    const what = `allow-list of ${count.toLocaleString('en')} addresses, backfill of an empty log, ${title}`;
    const limit = count === ENTRIES.at(-1) ? { atMost: most } : undefined;
    return [row({ what, unit, ours: ours / scale, peers: { [`${fewest} addresses`]: figures[fewest][key] / scale }, limit })];
  };
  return larger.flatMap((count) => [
    ...rowsOf(count, 'cpu', { unit: 's', title: 'CPU time', scale: 1, most: 0.8 }),
    ...rowsOf(count, 'peak', { unit: 'MB', title: 'peak memory', scale: 1e6, most: 100 }),
  ]);
}

/** Returns different IPv4 addresses in a mixed order, one on each line. */
function addresses(count) {
  const lines = Array.from({ length: count }, (_, index) => {
    const number = 0x0b00_0000 + ((index * 7_368_787) % 0x6000_0000);
    return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
  });
  return `${lines.join('\n')}\n`;
}

function gigabytes(bytes) {
  return bytes < 9e8 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

await byHand(import.meta, { name, run });
