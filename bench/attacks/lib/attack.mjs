// Runs one attack against a real daemon with a real nftables in a network namespace of its own, and exits with 1 when a promise was broken.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine, World } from '../../../test/support/faults/daemon.mjs';

/** An idle machine answers, bans and stops within these times (milliseconds). A busy machine gets up to `MOST_SLOWNESS` times as long. */
const ANSWER = 1_000;
const BAN = 5_000;
const STOP = 2_500;
const MOST_SLOWNESS = 10;

/** No attack may make the daemon need more memory than this (MiB). */
const MEMORY = 512;

/** This client mails a trap after each attack. No attack may use its address. */
const LAST_CLIENT = '203.0.113.250';

/** The factor by which other programs slow down this machine at the moment: 1 on an idle machine. */
export function slowness() {
  const begun = performance.now();
  const before = process.cpuUsage().user;
  while (process.cpuUsage().user - before < 50_000);
  return Math.min(MOST_SLOWNESS, Math.max(1, (performance.now() - begun) / 50));
}

/** Throws an error with the message `words` when the condition is false. */
export function must(condition, words) {
  if (!condition) throw new Error(words);
}

/**
 * Runs an attack and sets the exit code: 0 when everything held, 1 otherwise. Prints one line.
 *
 * `promise` is a sentence that states what must hold. `run` gets the world, attacks it, and throws when the promise is broken. After `run` the
 * daemon must still work: it answers, bans a further client that mails a trap, agrees with the firewall, needs bounded memory, and stops in time with
 * exit code 0.
 *
 * Options: `config` is added to the configuration. `started: false` leaves the start of the daemon to `run`. `after: false` leaves
 * out all checks after `run`. `hit(world, client)` makes the hit of the further client; by default it is a line in the log of the world. `before` and
 * `namespace` are those of `World`.
 */
export async function attack(promise, run, { started = true, after = true, hit = writeHit, ...options } = {}) {
  const world = new World(options);
  process.once('SIGTERM', () => void world.remove().finally(() => process.exit(1)));
  try {
    if (started) await world.start();
    await run(world);
    if (after) await stillWorks(world, hit);
    console.log(`held: ${promise}`);
  } catch (thrown) {
    console.log(`BROKEN: ${promise}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    if (process.env.ATTACK_LOG) console.log(thrown, world.said.slice(-5_000));
    process.exitCode = 1;
  } finally {
    await world.remove();
  }
  // A server of the attack may keep the event loop alive.
  process.exit();
}

/** Waits until exactly these networks are banned, in the ledger and in the firewall, and checks it again after a moment. */
export async function onlyBanned(world, networks, deadline = BAN) {
  const wanted = networks.toSorted((one, other) => one.localeCompare(other)).join(' ');
  const held = async () => {
    const bans = [...new Set((await world.bans()).map(({ network }) => bare(network)))]
      .toSorted((one, other) => one.localeCompare(other))
      .join(' ');
    return { bans, elements: elementsOf(world) };
  };
  let last = await held();
  const end = performance.now() + deadline * slowness();
  while ((last.bans !== wanted || last.elements !== wanted) && performance.now() < end) {
    await sleep(50);
    last = await held();
  }
  await sleep(300);
  last = await held();
  must(last.bans === wanted, `the ledger bans "${last.bans}" instead of "${wanted}"`);
  must(last.elements === wanted, `the firewall bans "${last.elements}" instead of "${wanted}"`);
}

/** The networks in the firewall as one text. Another program may just have removed the table of the daemon. */
function elementsOf(world) {
  try {
    return [...world.firewall().keys()].toSorted((one, other) => one.localeCompare(other)).join(' ');
  } catch {
    return 'no table';
  }
}

/** A host without its prefix length, as the firewall lists it. */
const bare = (network) => network.replace(network.includes(':') ? /\/128$/ : /\/32$/, '');

function writeHit(world, client) {
  world.write(trapLine(client, { number: 29_999 }));
}

/** Checks that the daemon has not ended, answers, bans, agrees with the firewall, has bounded memory, and stops in time. */
async function stillWorks(world, hit = writeHit) {
  const { child } = world;
  must(child.exitCode === null && child.signalCode === null, `the daemon ended with ${child.exitCode ?? child.signalCode}`);
  const asked = performance.now();
  await world.status();
  const answered = performance.now() - asked;
  must(answered < ANSWER * slowness(), `status took ${Math.round(answered)} ms`);
  hit(world, LAST_CLIENT);
  await eventually('a further client is banned', () => world.holds([LAST_CLIENT]), BAN * slowness());
  await eventually('ledger and firewall are equal', () => equal(world), BAN * slowness());
  const { most } = world.memory();
  must(most < MEMORY, `the daemon needed ${most} MiB of memory`);
  const busy = slowness();
  const { code, took } = await world.stop();
  must(took < STOP * Math.max(busy, slowness()), `the stop took ${Math.round(took)} ms`);
  must(code === 0, `the daemon ended with ${code ?? child.signalCode} after SIGTERM`);
}

async function equal(world) {
  const bans = new Set((await world.bans()).map(({ network }) => bare(network)));
  const elements = world.firewall();
  return bans.size === elements.size && [...bans].every((network) => elements.has(network));
}
