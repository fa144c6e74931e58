// A relay delivers lines that are hours, years and decades old.
import { client, clockAttack, dated, hitsOf, mustLast, MINUTE, says, SECOND } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

const OVER = [
  '2026-11-25T11:59:59Z',
  '2026-11-24T13:00:00Z',
  '2026-08-28T13:00:00Z',
  '2026-08-27T12:00:00Z',
  '1999-12-31T23:59:59Z',
  '1970-01-01T00:00:00Z',
];

await clockAttack(
  'a hit whose ban is over bans nobody, and any other ban is set for its remaining time',
  async (world, clock) => {
    world.write(...OVER.map((date, index) => dated(date, client(1 + index), index)));
    world.write(dated('2026-11-25T12:10:00Z', client(100), 100));
    await onlyBanned(world, [client(100)]);
    await mustLast(world, clock, client(100), 10 * MINUTE, 20 * SECOND);
    await says(world, '203.0.113.1 already over, not banned: the ban of 1h ended at 2026-11-25T12:59:59.000Z');
    must(hitsOf(world) === 4, `${hitsOf(world)} hits are on record instead of the 4 of the last 90 days`);
  },
  { at: '2026-11-25T13:00:00Z' },
);
