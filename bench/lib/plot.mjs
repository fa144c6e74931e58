// Draws a plot with two logarithmic axes, as an SVG that is readable on light and on dark pages.

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [720, 420, 70, 50, 30, 150];
const COLOURS = ['#2a78d6', '#1baa6f', '#d98324', '#8a63d2', '#c94f5d'];

/** Returns the plot. `series` maps the name of each curve to its points [x, y]. All coordinates are above zero. */
export function logPlot({ title, x, y, series }) {
  const points = Object.values(series).flat();
  const [xs, ys] = [0, 1].map((axis) => decades(points.map((point) => point[axis])));
  const [across, up] = [scale(xs, LEFT, WIDTH - RIGHT), scale(ys, HEIGHT - BOTTOM, TOP)];
  const grid = [
    ...ticks(xs).map(
      (value) =>
        line(across(value), TOP, across(value), HEIGHT - BOTTOM, 'grid') +
        text(across(value), HEIGHT - BOTTOM + 18, short(value), 'middle'),
    ),
    ...ticks(ys).map(
      (value) => line(LEFT, up(value), WIDTH - RIGHT, up(value), 'grid') + text(LEFT - 8, up(value) + 4, short(value), 'end'),
    ),
  ];
  const curves = Object.entries(series).map(([name, list], index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = list.map(([px, py], place) => `${place === 0 ? 'M' : 'L'}${across(px).toFixed(1)} ${up(py).toFixed(1)}`).join(' ');
    const dots = list.map(
      ([px, py]) => `<circle cx="${across(px).toFixed(1)}" cy="${up(py).toFixed(1)}" r="3.5" fill="${colour}"/>`,
    );
    const [endX, endY] = list.at(-1);
    const label = `<text x="${across(endX) + 10}" y="${up(endY) + 4}" fill="${colour}" font-weight="600">${escape(name)}</text>`;
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${label}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escape(title)}">
<style>text { fill: #57606a } .grid { stroke: #8c959f; stroke-opacity: .3 } @media (prefers-color-scheme: dark) { text { fill: #9ea7b3 } }</style>
<text x="${LEFT}" y="18" font-size="14" font-weight="600">${escape(title)}</text>
${grid.join('\n')}
${text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, escape(x), 'middle')}
<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escape(y)}</text>
${curves.join('\n')}
</svg>
`;
}

/** Returns the exponents of two powers of ten, between which all values lie. */
function decades(values) {
  return [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
}

function scale([low, high], from, to) {
  return (value) => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from);
}

function ticks([low, high]) {
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

function line(x1, y1, x2, y2, kind) {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" class="${kind}"/>`;
}

function text(x, y, words, anchor) {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
}

function short(value) {
  return value >= 1 ? value.toLocaleString('en') : String(Number(value.toPrecision(1)));
}

function escape(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
