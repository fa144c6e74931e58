// Lord Howe Island sets its clocks back by only half an hour, and Apia lies on the other side of the date line.
import { clockAttack, dated, HOUR, mustLast } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'bans have the right length in unusual time zones',
  async (world, clock) => {
    world.write(dated('Apr  5 01:45:00', '203.0.113.1', 1)); // The first pass of 01:30 to 02:00.
    await onlyBanned(world, ['203.0.113.1']);
    await mustLast(world, clock, '203.0.113.1', HOUR);
    clock.set('2026-04-04T15:15:05Z');
    world.write(dated('Apr  5 01:45:00', '203.0.113.2', 2)); // The second pass.
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    await mustLast(world, clock, '203.0.113.2', HOUR);
    world.write(dated('2026-04-05T05:15:05+14:00', '203.0.113.3', 3));
    world.write(dated('2026-04-04T02:45:05-12:30', '203.0.113.4', 4));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4']);
    for (const last of [3, 4]) await mustLast(world, clock, `203.0.113.${last}`, HOUR);
  },
  { at: '2026-04-04T14:45:05Z', zone: 'Australia/Lord_Howe' },
);
