// Compares the cost of the ledger with a million bans and with a thousand bans. Measures the upgrade and the listing of a ledger with a million hits.
// Measures the cost of a rider, which writes rows of its own in the transaction of the ledger. By hand: node bench/ledger.mjs [--quick]
import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILD, MAIN } from './lib/backfill.mjs';
import { byHand } from './lib/by-hand.mjs';
import { row } from './lib/rows.mjs';
import { measure, median, sideBySide, workFolder } from './lib/timing.mjs';

export const name = 'The ledger with a million bans';

const HOUR = 3_600_000;

/** The number of bans that end at the same time and are removed together. */
const EXPIRING = 10_000;
const LOOKUPS = 2000;
const SINGLE_BANS = 200;

/** The number of bans in one batch. */
const BURST = 10_000;

/** The ledger of the first release. */
const RELEASED = fileURLToPath(new URL('../test/fixtures/releases/0.1.0/trapline.db', import.meta.url));

const nothing = () => {};
const silent = { debug: nothing, info: nothing, notice: nothing, warn: nothing, error: nothing };

export async function run({ quick, log }) {
  const { Ledger } = await import(join(BUILD, 'ledger', 'record.js'));
  const sizes = [1000, quick ? 200_000 : 1_000_000];
  const { folder, remove } = workFolder();
  try {
    const clocks = sizes.map(() => ({ now: Date.now() }));
    const ledgers = sizes.map((size, index) =>
      Ledger.open(join(folder, `${size}.db`), { log: silent, clock: () => clocks[index].now }),
    );
    for (const [index, size] of sizes.entries()) {
      log(`${size.toLocaleString('en')} bans`);
      fill(ledgers[index], size, clocks[index].now);
    }
    log('look-ups, bans and expiry, in turn');
    const figures = sizes.map(() => ({ lookup: [], ban: [], expiry: [] }));
    for (let round = -1; round < (quick ? 3 : 7); round += 1) {
      for (const [index, ledger] of ledgers.entries()) {
        const measured = measureRound(ledger, sizes[index], clocks[index], round);
        if (round >= 0) for (const [what, value] of Object.entries(measured)) figures[index][what].push(value);
      }
    }
    for (const ledger of ledgers) ledger.close();
    const [small, large] = figures.map((figure) =>
      Object.fromEntries(Object.entries(figure).map(([what, all]) => [what, median(all)])),
    );
    const words = sizes[1] === 1_000_000 ? 'a million' : sizes[1].toLocaleString('en');
    const bans = [
      ['lookup', `${LOOKUPS} look-ups`],
      ['ban', 'one ban, durable'],
      ['expiry', `${EXPIRING} bans that end at once`],
    ].map(([what, title]) =>
      row({
        what: `${title}, ${words} bans on record`,
        unit: 'ms',
        ours: large[what],
        peers: { 'a thousand bans': small[what] },
        limit: { times: 2, of: 'a thousand bans' },
      }),
    );
    log(`a ledger of release 0.1.0 with ${words} hits`);
    const hits = releasedRows(Ledger, folder, { count: sizes[1], words, rounds: quick ? 1 : 5 });
    log(`${BURST} bans of one batch, with and without a rider`);
    return [...bans, ...hits, await riderRow(Ledger, folder, quick ? 3 : 9)];
  } finally {
    remove();
  }
}

/** Measures the first opening of a ledger of release 0.1.0, which makes an index of its hits. Then measures a listing without a daemon. */
function releasedRows(Ledger, folder, { count, words, rounds }) {
  const old = join(folder, 'released.db');
  const path = join(folder, 'upgraded.db');
  copyFileSync(RELEASED, old);
  addHits(old, count);
  const opened = [];
  for (let round = 0; round < rounds; round += 1) {
    copyFileSync(old, path);
    let ledger;
    opened.push(timed(() => (ledger = Ledger.open(path, { log: silent, clock: Date.now }))));
    ledger.close();
  }
  const config = join(folder, 'trapline.yaml');
  writeFileSync(config, 'actions: [print]\n');
  const places = ['--config', config, '--state', path, '--socket', join(folder, 'none.sock')];
  const listed = Array.from({ length: rounds }, () => measure([process.execPath, MAIN, 'bans', '--json', ...places]));
  const of = (figure) => median(listed.map((each) => each[figure]));
  return [
    row({
      what: `opening a ledger of release 0.1.0 with ${words} hits`,
      unit: 's',
      ours: median(opened) / 1000,
      limit: { atMost: 5 },
    }),
    row({
      what: `\`trapline bans\` without a daemon, ${words} hits on record`,
      unit: 's',
      ours: of('wall'),
      limit: { atMost: 0.5 },
    }),
    row({ what: 'peak memory of `trapline bans`', unit: 'MB', ours: of('peak') / 1e6, limit: { atMost: 100 } }),
  ];
}

/** Measures how long one batch takes to record, without a rider and with a rider that writes a row for each verdict. */
async function riderRow(Ledger, folder, rounds) {
  const rider = {
    name: 'bench',
    write: (verdicts, _ended, transaction) => {
      for (const { hit } of verdicts) transaction.run('INSERT INTO bench VALUES (?, ?)', hit.address, hit.at);
    },
    clear: () => {},
    rebuild: () => {},
  };
  const schemas = [{ room: 'bench', steps: [{ sql: 'CREATE TABLE bench (address TEXT, at INTEGER)' }] }];
  const now = Date.now();
  const verdicts = Array.from({ length: BURST }, (_, index) => verdictOf(banOf(index, now, HOUR)));
  let file = 0;
  const burst = (riders) => () => {
    file += 1;
    const ledger = Ledger.open(join(folder, `burst-${file}.db`), { log: silent, clock: () => now, schemas, riders });
    const wall = timed(() => ledger.record(verdicts));
    ledger.close();
    return { wall };
  };
  const { with: ours, without } = await sideBySide({ with: burst([rider]), without: burst([]) }, rounds);
  return row({ what: `${BURST} bans of one batch, with a rider`, unit: 'ms', ours: ours.wall, peers: { without: without.wall } });
}

/** Adds hits to a file with sqlite3(1), because this is faster than recording them in a ledger. */
function addHits(path, count) {
  const address = "(11 + i % 181) || '.' || (i * 7 % 256) || '.' || (i * 11 % 256) || '.' || (i % 256)";
  execFileSync('sqlite3', [path], {
    input: `PRAGMA synchronous = OFF; BEGIN;
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
      INSERT INTO hits (at, key, jail, rule, verdict, address, network, trap, sender, helo, queue_id)
        SELECT ${Date.now()} - 7 * i, printf('%016x', i * 2654435761), 'spamtrap', 'recipient', 'held', ${address}, '192.0.2.2/32',
          'trap@example.com', 'someone@example.net', 'mail.example.net', 'NOQUEUE' FROM n;
      COMMIT;`,
  });
}

function fill(ledger, size, now) {
  for (let start = 0; start < size; start += 10_000) {
    ledger.recordBans(Array.from({ length: Math.min(10_000, size - start) }, (_, index) => banOf(start + index, now, 24 * HOUR)));
  }
}

/** Measures every operation once; returns the milliseconds of each operation. */
function measureRound(ledger, size, clock, round) {
  const scattered = (index) => networkOf((index * 7919) % size);
  const lookup = timed(() => {
    for (let index = 0; index < LOOKUPS; index += 1)
      ledger.past([{ network: scattered(index + round * LOOKUPS), jail: 'spamtrap' }]);
  });
  const fresh = (index) => verdictOf(banOf(0x2000000 + round * 100_000 + index, clock.now, 24 * HOUR));
  const ban = timed(() => {
    for (let index = 0; index < SINGLE_BANS; index += 1) (ledger.recordStrictly ?? ledger.record).call(ledger, [fresh(index)]);
  });
  ledger.recordBans(Array.from({ length: EXPIRING }, (_, index) => banOf(0x3000000 + round * 100_000 + index, clock.now, 60_000)));
  clock.now += 61_000;
  const expiry = timed(() => {
    let ended = 0;
    for (let some = ledger.expired(); some.length > 0; some = ledger.expired()) ended += some.length;
    if (ended !== EXPIRING) throw new Error(`${ended} bans ended, not ${EXPIRING}`);
  });
  return { lookup, ban: ban / SINGLE_BANS, expiry };
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function banOf(number, since, length) {
  return {
    network: networkOf(number),
    jail: 'spamtrap',
    since,
    until: since + length,
    offence: 1,
    origin: 'log',
    reason: 'recipient',
  };
}

function verdictOf(ban) {
  const hit = {
    jail: 'spamtrap',
    rule: 'recipient',
    address: ban.network.replace('/32', ''),
    at: ban.since,
    key: ban.network.padStart(16, '0').slice(-16),
    fields: {},
  };
  return { kind: 'ban', hit, ban };
}

function networkOf(number) {
  return `${11 + (number >>> 24)}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}/32`;
}

await byHand(import.meta, { name, run });
