// Stops the daemon at random moments, also during its start. Meanwhile lines are written, requests and reloads arrive, and the firewall changes.
// Checks that each stop ends in time, and that no program of the daemon is left: node bench/stops.mjs [STOPS] [SEED]
// Runs as root on Linux; needs a build (npm run build). Prints one line of figures at the end, and exits with 1 when it found a fault.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { otherLine, trapLine, World } from '../test/support/faults/daemon.mjs';

const Database = createRequire(import.meta.url)('libsql');

const stops = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);

/** On an idle machine, a stop may take at most this long (milliseconds). */
const SOON = 2_500;
/** When a stop takes this long (milliseconds), the cause is reported and the daemon is killed. systemd would kill the daemon after 10 s. */
const HELD = 8_000;

/** On a busy machine, SOON and HELD are longer, by this factor at most. It is enough for two busy loops beside the daemon on two processors. */
const MOST_SLOWNESS = 4;

const world = new World({ config: 'log_level: notice\nsync: 1s\n' });
const faults = [];
const figures = { seed, stops: 0, duringStart: 0, hits: 0, slowest: 0, above2s: 0 };

let state = seed;
/** Returns a whole number that is at least 0 and less than `limit`. The seed determines the sequence of numbers. */
function random(limit) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 4_294_967_296) * limit);
}

/** Measures how many seconds the machine takes at the moment for a second of processor time: 1 on an idle machine. */
function slowness() {
  const begun = performance.now();
  const before = process.cpuUsage().user;
  while (process.cpuUsage().user - before < 50_000);
  return Math.min(MOST_SLOWNESS, Math.max(1, (performance.now() - begun) / 50));
}

let client = 0;
/** Returns the next of 20,000 addresses, in turn. With more addresses there would be more bans, and each start would take seconds. */
const address = () => {
  client = (client + 1) % 20_000;
  return `10.${(client >> 16) & 255}.${(client >> 8) & 255}.${client & 255}`;
};

/** The kinds of load. Each repeats its work until `over()` is true, or until a request fails because the daemon has ended. */
const LOADS = {
  async hits(over) {
    while (!over()) {
      const batch = Array.from({ length: 1 + random(200) }, () => trapLine(address()));
      figures.hits += batch.length;
      world.write(...batch);
      await sleep(random(20));
    }
  },
  async lines(over) {
    for (let number = 0; !over(); number += 2000) {
      world.write(...Array.from({ length: 2000 }, (_, line) => otherLine(number + line)));
      await sleep(10);
    }
  },
  async rotations(over) {
    while (!over()) {
      renameSync(world.log, `${world.log}.1`);
      world.write(trapLine(address()));
      figures.hits += 1;
      await sleep(100);
    }
  },
  async bans(over) {
    while (!over()) {
      const networks = Array.from({ length: 1 + random(500) }, address);
      await world.ban(networks);
      await world.unban(networks.slice(0, 50));
    }
  },
  async stream(over) {
    const stream = request({ socketPath: world.socket, method: 'POST', path: '/v1/hits?from-now=1' }).on('error', () => {});
    for (let key = random(1_000_000); !over(); key += 1) {
      const hit = { jail: 'spamtrap', rule: 'recipient', address: address(), at: Date.now() - 1000, fields: {} };
      stream.write(`${JSON.stringify({ ...hit, key: key.toString(16).padStart(16, '0') })}\n`);
      await sleep(1);
    }
    stream.destroy();
  },
  async reloads(over) {
    while (!over()) {
      await world.reload(); // Rejects until the daemon answers. Before that, SIGHUP would end the daemon.
      world.child.kill('SIGHUP');
      await sleep(random(100));
    }
  },
  async flushes(over) {
    while (!over()) {
      world.run('nft', 'flush', 'ruleset');
      await sleep(50 + random(300));
    }
  },
  async deaf(over) {
    const clients = Array.from({ length: 20 }, () => connect({ path: world.socket, allowHalfOpen: true }).on('error', () => {}));
    for (const deaf of clients) deaf.pause().write('GET /v1/bans HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20));
    while (!over()) await sleep(10);
    for (const deaf of clients) deaf.destroy();
  },
  async locks(over) {
    const database = new Database(world.state);
    while (!over()) {
      try {
        database.exec('BEGIN IMMEDIATE');
        await sleep(random(400));
        database.exec('ROLLBACK');
      } catch {
        // The daemon is writing, so the lock cannot be taken.
      }
      await sleep(20);
    }
    database.close();
  },
};

/** Returns the name, state, wait channel and system call of each thread of the daemon. */
function whatHolds() {
  const { pid } = world.child;
  const at = (task, name) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/${name}`, 'latin1').trim();
    } catch {
      return '';
    }
  };
  return readdirSync(`/proc/${pid}/task`).map((task) => {
    const stat = at(task, 'stat');
    return `${at(task, 'comm')} ${stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)} ${at(task, 'wchan')} ${at(task, 'syscall')}`;
  });
}

/** Returns the programs that still run in the network namespace of the daemon. The kernel gets two seconds to end them. */
async function programsLeft() {
  const [, , , name] = world.inside();
  const left = () => execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).trim().split('\n').filter(Boolean);
  for (let tries = 0; tries < 200 && left().length > 0; tries += 1) await sleep(10);
  return left();
}

async function stopOnce(atStart) {
  const kinds = Object.keys(LOADS).filter(() => random(3) === 0);
  let over = false;
  const child = world.child;
  const ended = once(child, 'exit');
  const loads = kinds.map((kind) => LOADS[kind](() => over).catch(() => {}));
  await sleep(random(atStart ? 600 : 1500));
  const busy = slowness();
  const begun = performance.now();
  child.kill('SIGTERM');
  const held = setTimeout(() => {
    faults.push(
      `stop ${figures.stops} (${kinds.join(' ')}): held by ${whatHolds().join('; ')}; the daemon logged: ${world.said.slice(-500)}`,
    );
    child.kill('SIGKILL');
  }, HELD * busy);
  const [code, signal] = await ended;
  clearTimeout(held);
  const took = performance.now() - begun;
  over = true;
  await Promise.all(loads);
  figures.stops += 1;
  figures.slowest = Math.max(figures.slowest, Math.round(took));
  if (took > 2_000) {
    figures.above2s += 1;
    process.stderr.write(
      `${Math.round(took)} ms during ${[...(atStart ? ['start'] : []), ...kinds].join(' ')}, ${busy.toFixed(1)} s for a second\n`,
    );
  }
  if (took > SOON * Math.max(busy, slowness()))
    faults.push(`stop ${figures.stops} (${kinds.join(' ')}): took ${Math.round(took)} ms`);
  // A daemon that has not yet set its signal handlers is ended by the signal itself.
  if (code !== 0 && signal !== 'SIGTERM')
    faults.push(`stop ${figures.stops} (${kinds.join(' ')}): ended with ${code ?? signal}: ${world.said.slice(-500)}`);
  const left = await programsLeft();
  if (left.length > 0) faults.push(`stop ${figures.stops} (${kinds.join(' ')}): left programs ${left.join(' ')}`);
}

try {
  while (figures.stops < stops && faults.length === 0) {
    const atStart = random(3) === 0;
    if (atStart) figures.duringStart += 1;
    if (atStart) world.spawn();
    else await world.start();
    await stopOnce(atStart);
    if (figures.stops % 20 === 0) process.stderr.write(`${figures.stops} stops, the slowest took ${figures.slowest} ms\n`);
  }
} catch (thrown) {
  faults.push(`stop ${figures.stops}: ${thrown.stack}; the daemon logged: ${world.said.slice(-1000)}`);
} finally {
  await world.remove();
}
console.log(JSON.stringify({ ...figures, faults }));
process.exitCode = faults.length > 0 ? 1 : 0;
