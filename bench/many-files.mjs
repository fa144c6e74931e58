// Follows many logs that match one pattern, of which only a few change: node bench/many-files.mjs [--files=10000] [--busy=10] [--seconds=20]
// Starts the real daemon on a folder of logs. Measures it while nothing is written, and then while lines are written to a few of the logs. Prints one
// line of figures. Exits with 1 when the daemon exceeds a limit: 1 % of a core while nothing is written, 50 ms for an answer to `status`, 100 ms from
// a line to its ban, and 2 s for a stop. Runs as root on Linux; needs a build.
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, otherLine, trapLine, World } from '../test/support/faults/daemon.mjs';
import { usageOf } from './lib/usage.mjs';

/** Returns the number of the option `--name=NUMBER`, or `value` when the command line does not have it. */
const option = (name, value) => Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? value);

const [files, busy, seconds] = [option('files', 10_000), option('busy', 10), option('seconds', 20)];
const limits = {
  restPercentOfCore: option('rest', 1),
  statusWorstMilliseconds: option('status', 50),
  lineWorstMilliseconds: option('line', 100),
  stopMilliseconds: option('stop', 2000),
};

const world = new World();
const logs = join(world.folder, 'logs');
mkdirSync(logs);
const logOf = (n) => join(logs, `mail${n}.log`);
for (let n = 0; n < files; n += 1) writeFileSync(logOf(n), otherLine(n));
world.configure(`sources: [{ type: file, path: '${logs}/*.log' }]\nlog_level: notice`);

const figures = { files, busy };
const following = async () => Number(/^following (\d+) files$/.exec((await world.status()).sources[0].state)?.[1] ?? 0);
const descriptors = () => readdirSync(`/proc/${world.child.pid}/fd`).length;

try {
  await measureStart('first');
  await sleep(3000);
  await measureRest();
  await measureLines();
  figures.stopMilliseconds = Math.round((await world.stop()).took);
  await measureStart('next');
  figures.residentMebibytes = Math.round(usageOf(world.child.pid).rss / 1_048_576);
  await world.stop();
} finally {
  await world.remove();
}
const faults = Object.entries(limits).flatMap(([name, most]) =>
  figures[name] > most ? [`${name}: ${figures[name]}, at most ${most}`] : [],
);
console.log(JSON.stringify({ ...figures, faults }));
process.exitCode = faults.length > 0 ? 1 : 0;

/** Starts the daemon, and measures the time until it follows all logs. */
async function measureStart(which) {
  const start = performance.now();
  await world.start(60_000);
  await eventually('every log is followed', async () => (await following()) === files, 120_000);
  figures[`${which}StartMilliseconds`] = Math.round(performance.now() - start);
  figures.descriptors = descriptors();
}

/** While nothing is written, measures the processor time, and the time of answers to `status`. */
async function measureRest() {
  const before = usageOf(world.child.pid).cpu;
  const start = performance.now();
  await sleep(seconds * 1000);
  const used = usageOf(world.child.pid).cpu - before;
  figures.restPercentOfCore = Number(((used * 100_000) / (performance.now() - start)).toFixed(2));
  const took = [];
  for (let n = 0; n < 40; n += 1) {
    const asked = performance.now();
    await world.status();
    took.push(performance.now() - asked);
    await sleep(50);
  }
  Object.assign(figures, worstOf('status', took));
}

/** Measures the time from a written line to its ban. The daemon has closed each log before the first line, and holds it open for further lines. */
async function measureLines() {
  const took = [];
  for (let n = 0; n < 10 * busy; n += 1) {
    const address = `203.0.113.${n % 250}`;
    const start = performance.now();
    const seen = new Promise((resolve) => {
      const hear = (text) => {
        if (!String(text).includes(`${address} `)) return;
        world.child.stderr.off('data', hear);
        resolve(performance.now() - start);
      };
      world.child.stderr.on('data', hear);
    });
    appendFileSync(logOf((n % busy) * Math.floor(files / busy)), trapLine(address, { number: n }));
    took.push(await Promise.race([seen, sleep(30_000, Number.POSITIVE_INFINITY, { ref: false })]));
    await sleep(20);
  }
  Object.assign(figures, worstOf('line', took));
}

function worstOf(name, took) {
  const sorted = took.toSorted((one, other) => one - other);
  return {
    [`${name}MedianMilliseconds`]: Number(sorted[Math.floor(sorted.length / 2)].toFixed(1)),
    [`${name}WorstMilliseconds`]: Number(sorted.at(-1).toFixed(1)),
  };
}
