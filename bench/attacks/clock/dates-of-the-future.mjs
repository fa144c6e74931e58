// A writer whose clock is far ahead writes dates from tomorrow to the year 9999.
import { client, clockAttack, dated, HOUR, mustLast } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

const DATES = [
  '2026-11-25T13:00:01.5+00:00',
  '2026-11-26T12:00:00Z',
  '2027-01-01T00:00:00Z',
  '2038-01-19T03:14:08Z',
  '2106-02-07T06:28:16Z',
  '9999-12-31T23:59:59.999999999Z',
  '9999-12-31T23:59:60-12:00',
  '2026-11-25T12:00:00-99:99',
];

await clockAttack(
  'a date more than an hour ahead counts as now: the ban lasts an hour, not until the year 9999',
  async (world, clock) => {
    world.write(...DATES.map((date, index) => dated(date, client(1 + index), index)));
    await onlyBanned(
      world,
      DATES.map((_, index) => client(1 + index)),
    );
    for (const index of DATES.keys()) await mustLast(world, clock, client(1 + index), HOUR);
  },
  { at: '2026-11-25T11:59:58Z' },
);
