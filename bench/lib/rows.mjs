// Rows of the benchmark: one figure of ours beside those of the peers, with its target. Also how they are printed.

/**
 * A row whose target is a multiple of a peer's figure, or a bound of its own; without `limit` it has none.
 * `limit`: { times, of } (of: the name of a peer) or { atMost } in the row's unit.
 */
export function row({ what, unit, ours, peers = {}, limit, note }) {
  if (!limit) return { what, unit, ours, peers, target: '-', met: undefined, ...(note && { note }) };
  const target = limit.of === undefined ? `at most ${format(limit.atMost, unit)}` : `at most ${limit.times}x ${limit.of}`;
  const bound = limit.of === undefined ? limit.atMost : peers[limit.of] === undefined ? undefined : limit.times * peers[limit.of];
  return { what, unit, ours, peers, target, met: bound === undefined ? undefined : ours <= bound, ...(note && { note }) };
}

/** A number as people read it. */
export function format(value, unit) {
  if (value === undefined || Number.isNaN(value)) return '-';
  const digits = unit === 'x' ? 2 : value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4;
  return `${value.toFixed(digits)}${unit === 'x' ? 'x' : ` ${unit}`}`;
}

/** A row as one line of text, with the ratio to each peer. */
export function lineOf({ what, ours, peers, unit, target, met, note }) {
  return `${mark(met)} ${what}: ${format(ours, unit)}${target === '-' ? '' : ` (${target})`}${Object.entries(peers)
    .map(([name, value]) => `; ${name} ${format(value, unit)} = ${ratio(ours, value)}`)
    .join('')}${note ? `; ${note}` : ''}`;
}

/** Rows as a table in Markdown. */
export function tableOf(rows) {
  const lines = rows.map(({ what, ours, peers, unit, target, met, note }) => {
    const others = Object.entries(peers).map(([name, value]) => `${name} ${format(value, unit)} (${ratio(ours, value)})`);
    const cells = [
      `${what}${note ? `; ${note}` : ''}`,
      `**${format(ours, unit)}**`,
      others.join('<br>') || '-',
      target,
      target === '-' ? '' : word(met),
    ];
    // Names of peers are shell commands, some with a pipe.
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| what | Trapline | peers (Trapline to peer) | target | |', '|---|---|---|---|---|', ...lines].join('\n');
}

/** Ours to theirs. */
function ratio(ours, theirs) {
  const value = ours / theirs;
  if (!Number.isFinite(value)) return '-';
  return value >= 0.1 ? `${value.toFixed(2)}x` : `1/${Math.round(1 / value)}`;
}

const word = (met) => (met === undefined ? 'no peer here' : met ? 'met' : '**missed**');
const mark = (met) => (met === undefined ? '[ ]' : met ? '[x]' : '[!]');
