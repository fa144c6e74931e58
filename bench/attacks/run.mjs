// Runs the attacks one after the other and prints a table: node bench/attacks/run.mjs [--draw NUMBER] [CATEGORY | CATEGORY/NAME]...
// `--draw` runs only this number of attacks of each category, the first ones by name. Exits with 1 when a promise was broken.
// Runs as root on Linux; needs a build (npm run build).
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** An attack that takes longer counts as broken (milliseconds). */
const LONGEST = 180_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { draw: { type: 'string' } } });
const draw = Number(values.draw ?? Number.POSITIVE_INFINITY);

const categories = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'lib')
  .map(({ name }) => name)
  .toSorted();

/** The attacks of a category that were asked for, by name. */
function attacksOf(category) {
  const names = readdirSync(join(import.meta.dirname, category))
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => name.slice(0, -'.mjs'.length))
    .toSorted();
  const wanted = (name) =>
    positionals.length === 0 || positionals.includes(category) || positionals.includes(`${category}/${name}`);
  return names.filter(wanted).slice(0, draw);
}

let broken = 0;
const rows = [];
for (const category of categories) {
  const names = attacksOf(category);
  if (names.length === 0) continue;
  const begun = performance.now();
  let held = 0;
  for (const name of names) {
    const script = join(import.meta.dirname, category, `${name}.mjs`);
    const { status, stdout, stderr, signal } = spawnSync(process.execPath, [script], {
      encoding: 'utf8',
      timeout: LONGEST,
      killSignal: 'SIGTERM',
    });
    if (status === 0) held += 1;
    else console.log(`${category}/${name}: ${signal ? `no end after ${LONGEST / 1000} s` : (stdout + stderr).trim()}`);
  }
  broken += names.length - held;
  rows.push({ category, attacks: names.length, held, minutes: ((performance.now() - begun) / 60_000).toFixed(1) });
}
console.log('| category | attacks | held | minutes |\n|---|---|---|---|');
for (const { category, attacks, held, minutes } of rows) console.log(`| ${category} | ${attacks} | ${held} | ${minutes} |`);
process.exitCode = broken > 0 || rows.length === 0 ? 1 : 0;
