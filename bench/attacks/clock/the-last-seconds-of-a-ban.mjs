// Lines come about a minute late, with a ban time of one minute. Some bans have seconds left, some milliseconds, and some are over.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { client, clockAttack, hitsOf, SECOND } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'a ban is set for its remaining time, however short this time is, and then ends',
  async (world, clock) => {
    const lines = Array.from({ length: 60 }, (_, index) =>
      trapLine(client(1 + index), { at: clock.now() - 60 * SECOND + index * 200, number: index }),
    );
    world.write(...lines, trapLine(client(200), { at: clock.now(), number: 200 }));
    await eventually('all lines are read', () => hitsOf(world) === 61);
    await onlyBanned(world, [client(200)], 40 * SECOND);
    const { actions } = await world.status();
    must(actions[0].owed === 0 && actions[0].state === 'ok', `the action is not up to date: ${JSON.stringify(actions[0])}`);
  },
  { config: 'sync: 1s\ndefaults: { bantime: 60s }' },
);
