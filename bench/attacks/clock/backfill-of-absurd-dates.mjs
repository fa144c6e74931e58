// An old log has lines dated in 1970, 1999, yesterday, today, tomorrow and 9999, in random order, and a date that does not exist (31 November).
import { clockAttack, command, dated, HOUR, hitsOf, mustLast } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

const DATES = [
  '9999-12-31T23:59:59Z',
  '1970-01-01T00:00:00Z',
  '2026-11-25T12:30:00Z',
  '1999-12-31T23:59:59Z',
  '2026-11-26T13:00:00Z',
  '2026-11-24T13:00:00Z',
  'Nov 25 12:45:00',
  'Nov 31 12:00:00',
];

await clockAttack(
  'a backfill sets each ban for its remaining time, and a second backfill changes nothing',
  async (world, clock) => {
    const input = DATES.map((date, index) => dated(date, `203.0.113.${1 + index}`, index)).join('');
    for (const time of [1, 2]) {
      const { code, stderr } = command(world, ['backfill', '-'], { input });
      must(code === 0 && stderr === '', `backfill ${time}: ${code} ${stderr}`);
    }
    // The date of the eighth line cannot be read, so its client is not banned.
    const now = [1, 3, 5, 7].map((last) => `203.0.113.${last}`);
    await onlyBanned(world, now);
    await mustLast(world, clock, '203.0.113.1', HOUR, HOUR / 10);
    await mustLast(world, clock, '203.0.113.3', HOUR / 2, HOUR / 10);
    must(command(world, ['backfill', '-', '--from-now'], { input }).code === 0, 'the third backfill fails');
    await onlyBanned(world, [...now, '203.0.113.2', '203.0.113.4']); // The hit of yesterday (203.0.113.6) was recorded by the first backfill, so it is not judged again.
    must(hitsOf(world) <= 7, `${hitsOf(world)} hits of 7 lines with a date`);
  },
  { at: '2026-11-25T13:00:00Z' },
);
