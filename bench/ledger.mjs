// What the ledger costs when it holds a million bans, beside what it costs with a thousand. By hand: node bench/ledger.mjs [--quick]
import { join } from 'node:path';
import { BUILD } from './lib/backfill.mjs';
import { byHand } from './lib/by-hand.mjs';
import { row } from './lib/rows.mjs';
import { median, workFolder } from './lib/timing.mjs';

export const name = 'The ledger with a million bans';

const HOUR = 3_600_000;

/** Bans that end together; taken out at once. */
const EXPIRING = 10_000;
const LOOKUPS = 2000;
const SINGLE_BANS = 200;

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
    return [
      ['lookup', `${LOOKUPS} look-ups`],
      ['ban', 'one ban, durable'],
      ['expiry', `${EXPIRING} bans that end at once`],
    ].map(([what, title]) =>
      row({
        what: `${title}, ${words} bans on record`,
        unit: 'ms',
        ours: large[what],
        peers: { 'a thousand': small[what] },
        limit: { times: 2, of: 'a thousand' },
      }),
    );
  } finally {
    remove();
  }
}

function fill(ledger, size, now) {
  for (let start = 0; start < size; start += 10_000) {
    ledger.recordBans(Array.from({ length: Math.min(10_000, size - start) }, (_, index) => banOf(start + index, now, 24 * HOUR)));
  }
}

/** One round of everything; milliseconds. */
function measureRound(ledger, size, clock, round) {
  const scattered = (index) => networkOf((index * 7919) % size);
  const lookup = timed(() => {
    for (let index = 0; index < LOOKUPS; index += 1)
      ledger.past([{ network: scattered(index + round * LOOKUPS), jail: 'spamtrap' }]);
  });
  const fresh = (index) => verdictOf(banOf(0x2000000 + round * 100_000 + index, clock.now, 24 * HOUR));
  const ban = timed(() => {
    for (let index = 0; index < SINGLE_BANS; index += 1) ledger.record([fresh(index)]);
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
