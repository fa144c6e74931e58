// Writes many lines while bans end: node bench/load.mjs [--seconds=60] [--lines=50000] [--hits=1000] [--expiries=100]
// A real daemon bans in nftables and follows a log, to which --lines lines and --hits hits a second are written. During this time --expiries bans
// end, one after the other. Prints one line of figures. Exits with 1 when a hit was lost, a ban did not end, or the daemon did not keep up.
// Runs as root on Linux; needs a build.
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { appendFileSync, statSync } from 'node:fs';
import { eventually, otherLine, trapLine, World } from '../test/support/faults/daemon.mjs';

const TICK = 20;
const TEXT_KEPT = 2000;

/** Returns the number of the option `--name=NUMBER`, or `value` when the command line does not have it. */
const option = (name, value) => Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? value);

if (isMainThread) await measure();
else write(workerData);

/** Runs in a thread of its own. Every 20 ms, appends the lines that are due, including hits. */
function write({ log, seconds, lines, hits }) {
  const other = Array.from({ length: TEXT_KEPT }, (_, n) => otherLine(n));
  const start = performance.now();
  let [written, hit] = [0, 0];
  const tick = () => {
    const passed = Math.min(seconds, (performance.now() - start) / 1000);
    const due = Math.floor(passed * lines);
    const pieces = [];
    for (; written < due; written += 1) {
      if (hit < Math.floor(((written + 1) / lines) * hits)) {
        pieces.push(trapLine(`10.${(hit >> 16) & 255}.${(hit >> 8) & 255}.${hit & 255}`, { number: hit % 30_000 }));
        hit += 1;
      } else {
        pieces.push(other[written % TEXT_KEPT]);
      }
    }
    if (pieces.length > 0) appendFileSync(log, pieces.join(''));
    if (passed < seconds) setTimeout(tick, TICK);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this posts to a thread, which has no origin.
    else parentPort.postMessage({ written, hit, seconds: (performance.now() - start) / 1000 });
  };
  tick();
}

async function measure() {
  const [seconds, lines, hits, expiries] = [
    option('seconds', 60),
    option('lines', 50_000),
    option('hits', 1000),
    option('expiries', 100),
  ];
  const world = new World({ config: 'log_level: notice\ndefaults: { bantime: 3h }' });
  const faults = [];
  try {
    await world.start();
    const ends = await setExpiries(world, expiries, seconds);
    const figures = { asked: { seconds, linesPerSecond: lines, hitsPerSecond: hits, expiries } };
    const start = performance.now();
    const writer = new Worker(new URL(import.meta.url), { workerData: { log: world.log, seconds, lines, hits } });
    const done = new Promise((resolve, reject) => writer.once('message', resolve).once('error', reject));
    const stop = new AbortController();
    const watched = Promise.all([watchLag(world, stop.signal), watchBans(world, stop.signal), watchAnswers(world, stop.signal)]);
    const written = await done;
    const read = () =>
      world.status().then(({ hits: recorded, sources: [log] }) => recorded >= written.hit && log.lines >= written.written);
    await eventually('everything is read', read, 120_000).catch((thrown) => faults.push(thrown.message));
    figures.linesTaken = written.written;
    figures.linesPerSecondTaken = Math.round(written.written / ((performance.now() - start) / 1000));
    await eventually('every ban has ended', () => ends.size === 0, 30_000).catch(() =>
      faults.push(`${ends.size} bans did not end`),
    );
    stop.abort();
    const [lag, bans, answers] = await watched;
    const [row] = world.rows('SELECT count(*) AS hits, count(DISTINCT address) AS clients FROM hits WHERE address LIKE ?', '10.%');
    const [recorded, clients] = [Number(row.hits), Number(row.clients)];
    if (recorded !== written.hit || clients !== written.hit)
      faults.push(`${recorded} hits of ${clients} clients recorded, ${written.hit} written`);
    Object.assign(figures, {
      hitsTaken: recorded,
      expiriesWorstLatenessMilliseconds: Math.round(Math.max(...ends.late)),
      expiriesEnded: ends.late.length,
      banWorstLatencyMilliseconds: Math.round(Math.max(...bans)),
      bansMeasured: bans.length,
      answerWorstMilliseconds: Math.round(answers),
      worstLagMebibytes: Number((lag / 1_048_576).toFixed(1)),
      mostRssMebibytes: world.memory().most,
    });
    console.log(JSON.stringify({ ...figures, faults }));
  } finally {
    await world.remove();
  }
  process.exitCode = faults.length > 0 ? 1 : 0;
}

/** Sets bans that end one after the other within `seconds`. Returns a map of their ends, from which a ban is removed when the daemon logs its end. */
async function setExpiries(world, count, seconds) {
  const ends = Object.assign(new Map(), { late: [] });
  const start = Date.now();
  for (let n = 0; n < count; n += 1) {
    const until = start + 3000 + Math.round((n / count) * Math.max(1, seconds - 5) * 1000);
    const network = `192.0.2.${n + 1}`;
    await world.ban([network], { duration: until - Date.now() });
    ends.set(network, until);
  }
  for (const { network, until } of await world.bans()) if (ends.has(network)) ends.set(network, Date.parse(until));
  world.child.stderr.on('data', (text) => {
    const now = Date.now();
    for (const [, network] of String(text).matchAll(/unban (192\.0\.2\.\d+)/g)) {
      ends.late.push(now - ends.get(network));
      ends.delete(network);
    }
  });
  return ends;
}

/** Until the signal, measures how many bytes of the log the daemon has not read yet. Returns the largest number. */
async function watchLag(world, signal) {
  let most = 0;
  while (!signal.aborted) {
    const { sources } = await world.status();
    most = Math.max(most, statSync(world.log).size - sources[0].bytes);
    await sleep(500);
  }
  return most;
}

/** Until the signal, writes a trap line of one client after the other. Returns the milliseconds until each client was in the firewall. */
async function watchBans(world, signal) {
  const took = [];
  for (let n = 0; !signal.aborted; n = (n + 1) % 60_000) {
    const client = `172.16.${n >> 8}.${n & 255}`;
    const start = performance.now();
    world.write(trapLine(client));
    while (!world.holds([client]) && performance.now() - start < 60_000) await sleep(10);
    took.push(performance.now() - start);
    await sleep(200);
  }
  return took;
}

/** Until the signal, requests the status again and again. Returns the milliseconds of the slowest answer. */
async function watchAnswers(world, signal) {
  let worst = 0;
  while (!signal.aborted) {
    const start = performance.now();
    await world.status();
    worst = Math.max(worst, performance.now() - start);
    await sleep(50);
  }
  return worst;
}
