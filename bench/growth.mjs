// How the cost of a backfill grows with the log, and what memory it takes. By hand: node bench/growth.mjs [--quick]
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, cachedLog } from './genlog.mjs';
import { backfillOf } from './lib/backfill.mjs';
import { byHand } from './lib/by-hand.mjs';
import { fail2banRegex, ripgrep, WORDS } from './lib/peers.mjs';
import { logPlot } from './lib/plot.mjs';
import { row } from './lib/rows.mjs';
import { measure, sideBySide, workFolder } from './lib/timing.mjs';

export const name = 'How the cost grows';

/** Lines of 137 bytes: 10 MB, 100 MB, 1 GB, 5 GB. */
const SIZES = [73_000, 730_000, 7_300_000, 36_500_000];

/** fail2ban is not made to wait for. */
const MOST_FOR_FAIL2BAN = 730_000;

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
    return [...linear(points, start), ...memory(points, start)];
  } finally {
    remove();
  }
}

/** The plot of what `run` has measured. */
export function figure() {
  return logPlot({ title: 'CPU seconds for a plain log', x: 'megabytes of log', y: 'CPU seconds', series });
}

/** The cost of a byte in the largest log beside that in the one before it, the start of the program left out. */
function linear(points, start) {
  const [small, large] = points.slice(-2);
  const costs = [small, large].map(({ bytes, cpu }) => (cpu - start.cpu) / bytes);
  const what = `CPU time for a byte at ${gigabytes(large.bytes)}, that at ${gigabytes(small.bytes)} being 1`;
  return [row({ what, unit: 'x', ours: costs[1] / costs[0], limit: { atMost: 1.15 } })];
}

function memory(points, start) {
  if (start.peak === undefined) return [];
  return points.map(({ bytes, peak }) =>
    row({
      what: `memory for a log of ${gigabytes(bytes)}, above that for an empty one`,
      unit: 'MB',
      ours: (peak - start.peak) / 1e6,
      limit: { atMost: 100 },
    }),
  );
}

function gigabytes(bytes) {
  return bytes < 9e8 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

await byHand(import.meta, { name, run });
