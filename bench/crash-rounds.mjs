// Kills the daemon at random points while bans and unbans by hand are asked for and trap lines are written, starts it again, and looks
// whether ledger, firewall and what was acknowledged agree: node bench/crash-rounds.mjs [ROUNDS] [SEED]
// As root on Linux; needs a build (npm run build). One line of figures at the end; ends with 1 when anything did not agree.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine, World } from '../test/support/faults-daemon.mjs';

const rounds = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const WORKERS = 3;

const world = new World({ config: 'log_level: notice\ndefaults: { bantime: 3h }' });
const faults = [];
const figures = { seed, rounds: 0, killedAtStart: 0, bans: 0, unbans: 0, brokenOff: 0, hits: 0 };

/** What every network should be: `banned`, `free`, or `either` when the answer to the last request did not come. */
const wanted = new Map();
/** How often each client is in the log. */
const written = new Map();
let lines = 0;

let state = seed;
/** A number from 0 to below `limit`, the same ones for the same seed. */
function random(limit) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 4_294_967_296) * limit);
}

/** The networks that one worker asks for: hosts, networks and IPv6. Nobody else does. */
const poolOf = (worker) =>
  Array.from({ length: 12 }, (_, n) =>
    n % 4 === 0 ? `10.${worker}.${n}.0/24` : n % 4 === 1 ? `2001:db8:${worker}:${n}::/64` : `10.100.${worker}.${n}`,
  );

async function work(worker, over) {
  const pool = poolOf(worker);
  while (!over()) {
    // Clients that the log banned in an earlier round are lifted by hand now and then.
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
      // Refused is answered: nothing has changed. A connection that broke says nothing.
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

/** Compares everything with everything, once the daemon has read the log to its end. */
async function compare() {
  await eventually('all lines are read', async () => (await world.status()).hits >= figures.hits, 60_000);
  const status = await eventually('nothing is owed', async () => {
    const answer = await world.status();
    return answer.actions.every(({ owed }) => owed === 0) && answer;
  });
  if (status.hits !== figures.hits) faults.push(`round ${figures.rounds}: ${status.hits} hits, ${figures.hits} were written`);
  for (const { address, times } of world.rows('SELECT address, count(*) AS times FROM hits GROUP BY address')) {
    const expected = written.get(address)?.times;
    if (times !== expected)
      faults.push(`round ${figures.rounds}: ${String(address)} counted ${Number(times)} times, written ${Number(expected)} times`);
  }
  const bans = new Map((await world.bans()).map((ban) => [ban.network, ban]));
  const firewall = world.firewall();
  for (const [network, want] of wanted) {
    const is = bans.has(network) ? 'banned' : 'free';
    if (want !== 'either' && want !== is) faults.push(`round ${figures.rounds}: ${network} is ${is}, ${want} was acknowledged`);
    wanted.set(network, is);
  }
  for (const network of bans.keys())
    if (!wanted.has(network)) faults.push(`round ${figures.rounds}: ${network} is banned, nobody asked`);
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
  faults.push(`round ${figures.rounds}: ${thrown.stack}; the daemon said: ${world.said.slice(-1000)}`);
} finally {
  await world.remove();
}
console.log(JSON.stringify({ ...figures, seconds: Math.round((performance.now() - start) / 1000), faults: faults.slice(0, 20) }));
process.exitCode = faults.length > 0 ? 1 : 0;
