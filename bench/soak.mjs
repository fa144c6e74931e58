// Runs a daemon for a long time under everything at once: hits, rotations, reloads, bans that end, flushes of the firewall, clients of the control
// socket. node bench/soak.mjs [MINUTES]
// Checks at the end that every hit is recorded once, that ledger and firewall have the acknowledged bans, and that memory and descriptors did not
// grow in the last third of the time. Runs as root on Linux; needs a build (npm run build). Prints one line of figures, and exits with 1 when it
// found a fault.
import { copyFileSync, readdirSync, renameSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, otherLine, trapLine, World } from '../test/support/faults/daemon.mjs';

const minutes = Number(process.argv[2] ?? 30);
const END = performance.now() + minutes * 60_000;

/** A shorter run (minutes) shows nothing about growth, because Node and SQLite fill their caches first. */
const TELLING = 15;

/** Growth in the last third that is no fault: memory (MiB) varies with garbage collection, and descriptors vary with the number of open logs. */
const MEMORY_NOISE = 6;
const DESCRIPTOR_NOISE = 3;

const CLIENTS = 3_000;
const TIMES = ['20s', '25s'];
const configuration = (time) => `log_level: notice\nsync: 2s\ndefaults: { bantime: ${time}, maxretry: 1 }\n`;

const world = new World({ config: configuration(TIMES[0]) });
const faults = [];
const figures = {
  minutes,
  hits: 0,
  rotations: 0,
  reloads: 0,
  flushes: 0,
  bans: 0,
  unbans: 0,
  broken: 0,
  memory: [],
  descriptors: [],
};
/** For each network in a request to the socket: the state after the last request that was acknowledged, `banned` or `free`. */
const acknowledged = new Map();
const samples = [];

const over = () => performance.now() > END || faults.length > 0;

/** Each load does its work again and again until the end. */
const LOADS = {
  async hits() {
    while (!over()) {
      const client = figures.hits % CLIENTS;
      world.write(trapLine(`10.0.${client >> 8}.${client & 255}`, { number: figures.hits % 30_000 }));
      figures.hits += 1;
      await sleep(50);
    }
  },
  async lines() {
    for (let number = 0; !over(); number += 20) {
      world.write(...Array.from({ length: 20 }, (_, line) => otherLine(number + line)));
      await sleep(100);
    }
  },
  async rotations() {
    while (!over()) {
      await sleep(3_000);
      // As with logrotate, the older copy is renamed first. Then the log is renamed or, in every second rotation, copied and truncated.
      if (figures.rotations > 0) renameSync(`${world.log}.1`, `${world.log}.2`);
      if (figures.rotations % 2 === 0) {
        renameSync(world.log, `${world.log}.1`);
        world.write('');
      } else {
        copyFileSync(world.log, `${world.log}.1`);
        truncateSync(world.log);
      }
      figures.rotations += 1;
    }
  },
  async reloads() {
    while (!over()) {
      await sleep(5_000);
      world.configure(configuration(TIMES[figures.reloads % 2]));
      if (figures.reloads % 2 === 0) await world.reload();
      else world.child.kill('SIGHUP');
      figures.reloads += 1;
    }
  },
  async flushes() {
    while (!over()) {
      await sleep(7_000);
      world.run('nft', 'flush', 'ruleset');
      figures.flushes += 1;
    }
  },
  async requests() {
    for (let number = 0; !over(); number += 1) {
      const network = number % 3 === 0 ? `2001:db8:${1 + (number % 200)}::/64` : `172.16.${number % 200}.0/24`;
      if (acknowledged.get(network) === 'banned') {
        await world.unban([network]);
        acknowledged.set(network, 'free');
        figures.unbans += 1;
      } else {
        await world.ban([network], { duration: null });
        acknowledged.set(network, 'banned');
        figures.bans += 1;
      }
      await sleep(100);
    }
  },
  async shortBans() {
    for (let number = 0; !over(); number += 1) {
      await world.ban([`198.18.${number % 250}.1`], { duration: 1_000 });
      await sleep(150);
    }
  },
  async brokenClients() {
    while (!over()) {
      const clients = Array.from({ length: 20 }, () => connect(world.socket).on('error', () => {}));
      for (const client of clients) client.write('POST /v1/bans HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"netw');
      await sleep(500);
      for (const client of clients) client.destroy();
      figures.broken += clients.length;
    }
  },
  async samples() {
    while (!over()) {
      const descriptors = readdirSync(`/proc/${world.child.pid}/fd`).length;
      samples.push({ at: performance.now(), memory: world.memory().now, descriptors });
      await world.status();
      await world.bans();
      await sleep(1_000);
    }
  },
};

/** The growth of a figure in the last third of the run: the smallest value in the second half of this third, minus the smallest in its first half. */
function growth(name) {
  const from = END - (minutes * 60_000) / 3;
  const last = samples.filter(({ at }) => at >= from).map((sample) => sample[name]);
  const half = Math.floor(last.length / 2);
  return Math.min(...last.slice(half)) - Math.min(...last.slice(0, half));
}

async function compare() {
  await eventually('all hits are recorded', async () => (await world.status()).hits >= figures.hits, 60_000);
  const { hits } = await world.status();
  if (hits !== figures.hits) faults.push(`${hits} hits are recorded, ${figures.hits} were written`);
  // After the last flush the table is missing until the next sync.
  await eventually('the table is set again', () => world.run('nft', 'list', 'tables').includes('trapline'));
  const mismatch = async () => {
    const listed = new Map((await world.bans()).map(({ network, until }) => [network, until]));
    const held = world.firewall();
    const wanted = [...acknowledged].filter(([, state]) => state === 'banned').map(([network]) => network);
    return [
      ...wanted.filter((network) => listed.get(network) !== null).map((network) => `${network} is not banned for ever`),
      ...[...listed.keys()]
        .filter((network) => acknowledged.get(network) === 'free')
        .map((network) => `${network} is still banned`),
      ...[...listed.keys()].filter((network) => !held.has(network)).map((network) => `${network} is not in the firewall`),
      ...[...held.keys()].filter((network) => !listed.has(network)).map((network) => `${network} is left in the firewall`),
    ];
  };
  // Bans from the log end meanwhile. So one comparison may find a ban that has ended in the ledger but not yet in the firewall.
  await eventually('ledger and firewall are equal', async () => (await mismatch()).length === 0, 60_000).catch(async () =>
    faults.push(...(await mismatch()).slice(0, 10)),
  );
}

try {
  await world.start();
  await Promise.all(
    Object.entries(LOADS).map(([name, load]) =>
      load().catch((thrown) => faults.push(`${name}: ${thrown.stack}; the daemon logged: ${world.said.slice(-1_000)}`)),
    ),
  );
  if (faults.length === 0) await compare();
  for (const name of ['memory', 'descriptors']) {
    const values = samples.map((sample) => sample[name]);
    figures[name] = { least: Math.min(...values), most: Math.max(...values), growth: growth(name) };
  }
  if (minutes >= TELLING && figures.memory.growth > MEMORY_NOISE) faults.push(`memory grew by ${figures.memory.growth} MiB`);
  if (minutes >= TELLING && figures.descriptors.growth > DESCRIPTOR_NOISE)
    faults.push(`${figures.descriptors.growth} more descriptors are open`);
  const { code, took } = await world.stop();
  if (code !== 0 || took > 10_000) faults.push(`the stop took ${Math.round(took)} ms and ended with ${code}`);
  if (/unhandled|uncaught|TypeError| {4}at /i.test(world.said)) faults.push(`the daemon logged: ${world.said.slice(-2_000)}`);
} catch (thrown) {
  faults.push(`${thrown.stack}; the daemon logged: ${world.said.slice(-1_000)}`);
} finally {
  await world.remove();
}
console.log(JSON.stringify({ ...figures, faults }));
process.exitCode = faults.length > 0 ? 1 : 0;
