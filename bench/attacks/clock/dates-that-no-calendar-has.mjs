// A writer with a broken clock writes dates that do not exist.
import { client, clockAttack, dated, HOUR, mustLast } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

const DATES = [
  '2026-02-29T10:00:00+00:00',
  '2026-02-30T10:00:00Z',
  '2026-13-01T10:00:00Z',
  '2026-00-10T10:00:00Z',
  '2026-11-31T10:00:00Z',
  '2026-11-25T24:00:00Z',
  '2026-11-25T23:60:00Z',
  '2026-11-25T23:59:61Z',
  '0000-01-01T00:00:00Z',
  '1969-12-31T23:59:59Z',
  'Nov 31 10:00:00',
  'Feb 30 10:00:00',
  'Nov 25 99:99:99',
  'Nov 00 10:00:00',
];

await clockAttack(
  'a line with a date that does not exist counts as now',
  async (world, clock) => {
    world.write(...DATES.map((date, index) => dated(date, client(1 + index), index)));
    await onlyBanned(
      world,
      DATES.map((_, index) => client(1 + index)),
    );
    for (const index of DATES.keys()) await mustLast(world, clock, client(1 + index), HOUR);
  },
  { at: '2026-11-25T12:00:00Z' },
);
