// Ten times, reloads switch from the journal to a log file and back, while hits arrive in both.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, CONFIG, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('each hit of two sources is counted once while reloads switch between them', async (world, journal) => {
  await journal.start();
  const clients = [];
  for (let round = 0; round < 5; round += 1) {
    for (const config of ['', CONFIG]) {
      clients.push(`203.0.113.${clients.length + 1}`, `203.0.113.${clients.length + 2}`);
      journal.hit(clients.at(-2));
      world.configure(config);
      const reloaded = world.reload();
      world.write(trapLine(clients.at(-1), { number: clients.length }));
      await reloaded;
    }
  }
  world.configure(`sources: [journal, '${world.log}']\nsources_overlap: true`);
  world.configure(`sources: [{ type: journal, postfix_uid: 102 }, { type: file, path: '${world.log}' }]\nsources_overlap: true`);
  await world.reload();
  await onlyBanned(world, clients, 15_000);
  must(hitsOf(world) === clients.toSorted((one, other) => one.localeCompare(other)).join(' '), `hits: ${hitsOf(world)}`);
});
