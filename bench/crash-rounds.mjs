// Kills the daemon at random moments, while clients request bans and unbans, and while trap lines are written to the log. After each kill, starts the
// daemon again, and checks that ledger, firewall and acknowledged requests agree: node bench/crash-rounds.mjs [ROUNDS] [SEED]
// Runs as root on Linux; needs a build (npm run build). Prints one line of figures at the end, and exits with 1 when it found a difference.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine, World } from '../test/support/faults/daemon.mjs';

const rounds = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const WORKERS = 3;

const world = new World({ config: 'log_level: notice\ndefaults: { bantime: 3h }' });
const faults = [];
const figures = { seed, rounds: 0, killedAtStart: 0, bans: 0, unbans: 0, brokenOff: 0, hits: 0 };

/** The expected state of each network: `banned`, `free`, or `either` when the last request got no answer. */
const wanted = new Map();
/** The number of lines that each client has in the log. */
const written = new Map();
let lines = 0;

let state = seed;
/** Returns a whole number that is at least 0 and less than `limit`. The seed determines the sequence of numbers. */
function random(limit) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 4_294_967_296) * limit);
}

/** Returns the networks for which only this worker sends requests: single addresses, networks and IPv6 networks. */
const poolOf = (worker) =>
  Array.from({ length: 12 }, (_, n) =>
    n % 4 === 0 ? `10.${worker}.${n}.0/24` : n % 4 === 1 ? `2001:db8:${worker}:${n}::/64` : `10.100.${worker}.${n}`,
  );

async function work(worker, over) {
  const pool = poolOf(worker);
  while (!over()) {
    // A quarter of the first worker's requests unban a client that was banned because of a log line of an earlier round, if there is such a client.
    const settled = worker === 0 && random(4) === 0 ? [...written.keys()].filter((client) => wanted.get(client) === 'banned') : [];
    const network = settled.length > 0 && settled[0] !== undefined ? settled[random(settled.length)] : pool[random(pool.length)];
    const lift = settled.length > 0 || random(2) === 0;
    if (written.has(network) && written.get(network).round >= figures.rounds) continue;
    const before = wanted.get(network);
    wanted.set(network, 'either');
    try {
      if (lift) await world.unban([network]);
      else await world.ban([network], random(3) === 0 ? { duration: null } : {});
      wanted.set(network, lift ? 'free' : 'banned');
      figures[lift ? 'unbans' : 'bans'] += 1;
    } catch (thrown) {
      // After a refusal nothing has changed. After a broken connection, the request may have been carried out or not.
      if (/^\d{3}: /.test(thrown.message)) wanted.set(network, before);
      else return void (figures.brokenOff += 1);
    }
  }
}

async function writeLog(over) {
  while (!over()) {
    const batch = Array.from({ length: 1 + random(6) }, () => {
      lines += 1;
      const client = `11.${(lines >> 16) & 255}.${(lines >> 8) & 255}.${lines & 255}`;
      const times = 1 + (random(3) === 0 ? 1 : 0);
      written.set(client, { times, round: figures.rounds });
      wanted.set(client, 'banned');
      figures.hits += times;
      return Array.from({ length: times }, (_, time) => trapLine(client, { number: time })).join('');
    });
    world.write(...batch);
    await sleep(random(12));
  }
}

/** Waits until the daemon has read the log to its end, then compares ledger, firewall and acknowledged requests. */
async function compare() {
  await eventually('all lines are read', async () => (await world.status()).hits >= figures.hits, 60_000);
  const status = await eventually('the firewall has all changes', async () => {
    const answer = await world.status();
    return answer.actions.every(({ owed }) => owed === 0) && answer;
  });
  if (status.hits !== figures.hits)
    faults.push(`round ${figures.rounds}: ${status.hits} hits are recorded, ${figures.hits} were written`);
  for (const { address, times } of world.rows('SELECT address, count(*) AS times FROM hits GROUP BY address')) {
    const expected = written.get(address)?.times;
    if (times !== expected)
      faults.push(`round ${figures.rounds}: ${String(address)} counted ${Number(times)} times, written ${Number(expected)} times`);
  }
  const bans = new Map((await world.bans()).map((ban) => [ban.network, ban]));
  const firewall = world.firewall();
  for (const [network, want] of wanted) {
    const is = bans.has(network) ? 'banned' : 'free';
    if (want !== 'either' && want !== is) faults.push(`round ${figures.rounds}: ${network} is ${is}, acknowledged as ${want}`);
    wanted.set(network, is);
  }
  for (const network of bans.keys())
    if (!wanted.has(network)) faults.push(`round ${figures.rounds}: ${network} is banned without a request`);
  for (const network of firewall.keys())
    if (!bans.has(network)) faults.push(`round ${figures.rounds}: ${network} is left over in the firewall`);
  for (const [network, ban] of bans) {
    const seconds = firewall.get(network);
    const left = ban.until === null ? null : (Date.parse(ban.until) - Date.now()) / 1000;
    if (seconds === undefined) faults.push(`round ${figures.rounds}: ${network} is missing in the firewall`);
    else if ((seconds === null) !== (left === null) || Math.abs(seconds - left) > 5)
      faults.push(`round ${figures.rounds}: ${network} ends in ${seconds} s in the firewall, in ${left} s in the ledger`);
  }
}

async function round() {
  figures.rounds += 1;
  let over = false;
  const working = [writeLog(() => over), ...Array.from({ length: WORKERS }, (_, worker) => work(worker, () => over))];
  await sleep(random(180));
  await world.kill();
  over = true;
  await Promise.all(working);
  if (random(5) === 0) {
    figures.killedAtStart += 1;
    world.spawn();
    await sleep(random(450));
    await world.kill();
  }
  await world.start();
  await compare();
}

const start = performance.now();
try {
  await world.start();
  while (figures.rounds < rounds && faults.length === 0) {
    await round();
    if (figures.rounds % 100 === 0) process.stderr.write(`${figures.rounds} rounds, ${figures.hits} hits\n`);
  }
} catch (thrown) {
  faults.push(`round ${figures.rounds}: ${thrown.stack}; the daemon logged: ${world.said.slice(-1000)}`);
} finally {
  await world.remove();
}
console.log(JSON.stringify({ ...figures, seconds: Math.round((performance.now() - start) / 1000), faults: faults.slice(0, 20) }));
process.exitCode = faults.length > 0 ? 1 : 0;
