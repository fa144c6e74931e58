// Writes the hits of a million clients, one hit each, to the log that a real daemon follows. The daemon bans the clients in nftables:
//   node bench/million.mjs [CLIENTS]
// Runs as root on Linux; needs a build (npm run build). Prints time and memory. With fewer CLIENTS, it takes less time.
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine, World } from '../test/support/faults/daemon.mjs';

const clients = Number(process.argv[2] ?? 1_000_000);
const AT_ONCE = 10_000;

const addressOf = (n) => `${11 + (n >> 24)}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

const world = new World({ config: 'log_level: notice' });
const mebibytes = (path) => Math.round((statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 1048576);
const say = (what, figures) => console.log(JSON.stringify({ what, ...figures }));

/** Requests the status again and again. The longest time until an answer shows how long the event loop was blocked. */
function listen() {
  let worst = 0;
  const stop = new AbortController();
  const done = (async () => {
    while (!stop.signal.aborted) {
      const start = performance.now();
      await world.status().catch(() => {});
      worst = Math.max(worst, performance.now() - start);
      await sleep(50);
    }
  })();
  return async () => {
    stop.abort();
    await done;
    return Math.round(worst);
  };
}

/** Counts the clients that are in the firewall, in an even sample of a thousand clients. nft would take 40 s to list a million. */
function sampled() {
  const picked = Array.from({ length: 1000 }, (_, n) => addressOf(Math.floor((n * clients) / 1000)));
  return picked.filter((address) => world.holds([address])).length;
}

async function measured(what, work) {
  const stop = listen();
  const start = performance.now();
  await work();
  const seconds = Number(((performance.now() - start) / 1000).toFixed(1));
  say(what, { seconds, deafMilliseconds: await stop(), rss: world.memory().now, mostRss: world.memory().most });
}

try {
  await world.start();
  await measured(`${clients} hits read, recorded and banned`, async () => {
    for (let n = 0; n < clients; n += AT_ONCE) {
      const at = Date.now();
      world.write(
        ...Array.from({ length: Math.min(AT_ONCE, clients - n) }, (_, k) =>
          trapLine(addressOf(n + k), { at, number: (n + k) % 30_000 }),
        ),
      );
      await sleep(1);
    }
    await eventually('all hits are recorded', async () => (await world.status()).hits >= clients, 1_800_000);
    await eventually(
      'the firewall has all changes',
      async () => (await world.status()).actions.every(({ owed }) => owed === 0),
      600_000,
    );
  });
  say('ledger', { mebibytes: mebibytes(world.state), wal: mebibytes(`${world.state}-wal`) });
  say('log of the daemon', {
    lines: world.said.split('\n').length,
    kibibytes: Math.round(world.said.length / 1024),
    last: world.said.slice(-400),
  });
  await measured('70 s without hits, with two syncs', () => sleep(70_000));
  say('firewall', { ofThousandPicked: sampled() });
  const { took } = await world.stop();
  say('stopped', { milliseconds: Math.round(took) });
  const start = performance.now();
  await world.start(600_000);
  say('started again', {
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    rss: world.memory().now,
    mostRss: world.memory().most,
  });
  await eventually(
    'the firewall has all changes',
    async () => (await world.status()).actions.every(({ owed, state }) => owed === 0 && state === 'ok'),
    600_000,
  );
  say('firewall', {
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    ofThousandPicked: sampled(),
    said: world.said.slice(-400),
  });
} finally {
  await world.remove();
}
