// A row of a benchmark has one figure of Trapline, the figures of its peers (the programs that it is compared with), and a target. Formats rows as
// text and as Markdown.

/**
 * Makes a row. `limit` is the target of the row: { times, of }, a multiple of the figure of the peer `of`, or { atMost }, a number in the unit of the
 * row. Without `limit`, the row has no target.
 */
export function row({ what, unit, ours, peers = {}, limit, note }) {
  if (!limit) return { what, unit, ours, peers, target: '-', met: undefined, ...(note && { note }) };
  const target = limit.of === undefined ? `at most ${format(limit.atMost, unit)}` : `at most ${limit.times}x ${limit.of}`;
  const bound = limit.of === undefined ? limit.atMost : peers[limit.of] === undefined ? undefined : limit.times * peers[limit.of];
  return { what, unit, ours, peers, target, met: bound === undefined ? undefined : ours <= bound, ...(note && { note }) };
}

/** Formats a number with its unit; small numbers get more digits. */
export function format(value, unit) {
  if (value === undefined || Number.isNaN(value)) return '-';
  const digits = unit === 'x' ? 2 : value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4;
  return `${value.toFixed(digits)}${unit === 'x' ? 'x' : ` ${unit}`}`;
}

/** Formats a row as one line of text, with the ratio to each peer. */
export function lineOf({ what, ours, peers, unit, target, met, note }) {
  return `${mark(met)} ${what}: ${format(ours, unit)}${target === '-' ? '' : ` (${target})`}${Object.entries(peers)
    .map(([name, value]) => `; ${name} ${format(value, unit)} = ${ratio(ours, value)}`)
    .join('')}${note ? `; ${note}` : ''}`;
}

/** Formats rows as a table in Markdown. */
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
    // Escapes `|`, because the names of some peers are shell commands with pipes.
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| what | Trapline | peers (Trapline to peer) | target | |', '|---|---|---|---|---|', ...lines].join('\n');
}

/** Formats the ratio of Trapline's figure to a peer's figure. */
function ratio(ours, theirs) {
  const value = ours / theirs;
  if (!Number.isFinite(value)) return '-';
  return value >= 0.1 ? `${value.toFixed(2)}x` : `1/${Math.round(1 / value)}`;
}

const word = (met) => (met === undefined ? 'no peer' : met ? 'met' : '**missed**');
const mark = (met) => (met === undefined ? '[ ]' : met ? '[x]' : '[!]');
