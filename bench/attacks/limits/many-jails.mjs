// A configuration has a thousand jails with one filter, and each hit counts in all of them.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const jails = Array.from({ length: 1000 }, (_, index) => `  jail-${index}: { bantime: ${index + 60}s }`).join('\n');

await attack(
  'a hit counts once in each of a thousand jails, and makes one element with the latest end',
  async (world) => {
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1'], 15_000);
    const [{ hits }] = world.rows('SELECT count(*) AS hits FROM hits');
    must(hits === 1000, `${hits} hits`);
    const left = world.firewall().get('203.0.113.1');
    must(left > 1000 && left <= 1059, `the element ends in ${left} s`);
    await world.reload();
    await world.unban(['203.0.113.1']);
    await onlyBanned(world, []);
  },
  { config: `jails:\n${jails}` },
);
