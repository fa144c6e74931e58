// A program that is not Trapline holds the lock of the writer.
import { attack, must } from '../lib/attack.mjs';
import { command, hit, holdLock, refusesStart } from '../lib/ledger.mjs';

await attack('while another program holds the lock, a start and a ban are refused, and listings succeed', async (world) => {
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
