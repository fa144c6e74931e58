// npm run bench: measures Trapline and its peers (the programs that it is compared with) on this machine, prints the ratios, and writes
// docs/benchmarks.md with its plot. With `-- --quick`, it takes less than two minutes and writes no file. With `-- NAME...`, it runs only the named
// modules, and writes no file either.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { lineOf, tableOf } from './lib/rows.mjs';
import { setUp } from '../scripts/setup.mjs';

/** The modules in the order in which they run; each exports { name, run({ quick, log }): Promise<Row[]>, figure?(): string }. */
const MODULES = ['scan', 'pages', 'packed', 'growth', 'live', 'burst', 'restart', 'follow', 'memory', 'commands', 'ledger'];

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const words = process.argv.slice(2);
const quick = words.includes('--quick');
const wanted = words.filter((word) => !word.startsWith('--'));
const log = (text) => process.stderr.write(`  ${text}\n`);

// Compiles the checkout, except when TRAPLINE_MAIN names another program to measure.
if (process.env.TRAPLINE_MAIN === undefined) setUp();
const started = performance.now();
const before = loadavg();
const sections = [];
for (const file of MODULES.filter((name) => existsSync(at(`./${name}.mjs`)) && (wanted.length === 0 || wanted.includes(name)))) {
  const module = await import(`./${file}.mjs`);
  console.log(`\n${module.name}`);
  try {
    const rows = await module.run({ quick, log });
    for (const row of rows) console.log(lineOf(row));
    sections.push({ file, name: module.name, rows, figure: module.figure?.() });
  } catch (thrown) {
    // When a module fails, the next modules still run.
    console.log(`[!] failed: ${thrown.stack}`);
    process.exitCode = 1;
  }
}
const minutes = (performance.now() - started) / 60_000;
const rows = sections.flatMap((section) => section.rows);
const count = (met) => rows.filter((row) => row.met === met && row.target !== '-').length;
console.log(
  `\n${count(true)} targets met, ${count(false)} missed, ${count(undefined)} without a peer on this machine; ${minutes.toFixed(1)} minutes`,
);
if (!quick && wanted.length === 0) write();

function write() {
  for (const { file, figure } of sections) if (figure) writeFileSync(at(`../docs/benchmarks-${file}.svg`), figure);
  const parts = sections.map(({ file, name, rows: own, figure }) => {
    const plot = figure ? `\n![${name}](benchmarks-${file}.svg)\n` : '';
    return `## ${name}\n\n${tableOf(own)}\n${plot}`;
  });
  const notes = existsSync(at('./notes.md')) ? readFileSync(at('./notes.md'), 'utf8') : '';
  writeFileSync(at('../docs/benchmarks.md'), `${headOf()}\n${parts.join('\n')}\n${notes}`);
  console.log('written: docs/benchmarks.md');
}

function headOf() {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  return `# Benchmarks

\`npm run bench\` wrote this page on ${date}; \`npm run bench -- --quick\` prints most figures in less than two minutes. Each figure is the median
of at least five runs, in which Trapline takes turns with its peers, the programs that it is compared with. Slow peers, which take minutes, run only
once. If a peer would take minutes for 10 million lines, it reads a tenth of the log, and its figures are multiplied by ten. Peers come from the
packages of this machine's system. CPU seconds are the sum over all processes of a command. A target that is not met is marked **missed**.

Machine: ${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}. Load before: ${load(before)}, after: ${load(loadavg())} (other
load on the machine makes wall times longer; ratios can still be compared). Versions: ${versions()}.
`;
}

/** Returns the first line that each program prints for `--version`. */
function versions() {
  const programs = {
    grep: '--version',
    rg: '--version',
    zstd: '--version',
    xz: '--version',
    nft: '--version',
    python3: '--version',
  };
  return Object.entries(programs)
    .flatMap(([program, word]) => {
      try {
        return [execFileSync(program, [word], { encoding: 'utf8' }).split('\n', 1)[0].replaceAll('*', '').trim()];
      } catch {
        return [];
      }
    })
    .join('; ');
}

function load(list) {
  return list.map((one) => one.toFixed(1)).join(', ');
}
