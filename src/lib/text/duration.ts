// Reads and writes spans of time in their usual form: 90s, 10m, 1h30m, 7d, 4w.

/** Milliseconds in each unit that parseDuration knows. */
const UNITS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

type Unit = keyof typeof UNITS;

/**
 * Reads a span such as `90`, `90s`, `10m`, `1h30m` or `2 days` into milliseconds; a number without a unit means seconds, as in fail2ban.
 * Returns undefined for any other text, and for spans above 100 years.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return bounded(Number(text) * UNITS.s);
  const part = /(\d{1,10}) ?(weeks?|w|days?|d|hours?|h|minutes?|min|m|seconds?|sec|s) ?/y;
  let total = 0;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (!found) return undefined;
    total += Number(found[1]) * UNITS[found[2]?.[0] as Unit];
  }
  return text === '' ? undefined : bounded(total);
}

function bounded(millis: number): number | undefined {
  return millis <= 100 * 365 * UNITS.d ? millis : undefined;
}

/**
 * Writes a span that is still to come. It is rounded to the smaller of the two units that `formatDuration` prints, so that a ban of two hours that
 * has just begun ends in `2h`, not in `1h 59m`.
 */
export function formatRemaining(millis: number): string {
  const step = millis < UNITS.h ? UNITS.s : millis < UNITS.d ? UNITS.m : millis < UNITS.w ? UNITS.h : UNITS.d;
  return formatDuration(Math.round(millis / step) * step);
}

/** Writes milliseconds in at most two units, largest first: `1h 30m`, `45s`, `0s`; parts below a second are dropped. */
export function formatDuration(millis: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.floor(millis / 1000) * 1000);
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    rest -= count * size;
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0s';
}
