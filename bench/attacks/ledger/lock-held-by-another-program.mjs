// Another program holds the lock of the writer in a transaction, without being a trapline.
import { attack, must } from '../lib/attack.mjs';
import { command, hit, holdLock, refusesStart } from '../lib/ledger.mjs';

await attack('who holds the lock keeps daemon and commands out, and listings go on', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  await world.stop();
  const release = await holdLock(world, 'BEGIN EXCLUSIVE', `${world.state}-lock`);
  await refusesStart(
    world,
    /another trapline writes to it, stop it or wait until it has ended \("fuser \S+-lock" shows it\); nothing was changed/,
  );
  const ban = command(world, ['ban', '203.0.113.2']);
  must(ban.status === 69 && /^[^\n]+nothing was changed\n$/.test(ban.stderr), `${ban.status}: ${ban.stderr}`);
  const bans = command(world, ['bans']);
  must(bans.status === 0 && bans.stdout.includes('203.0.113.1'), `the listing: ${bans.stderr}`);
  await release();
  await world.start();
});
