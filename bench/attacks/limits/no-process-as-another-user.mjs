// The user of the daemon may start no further process (RLIMIT_NPROC) while clients mail the trap and its session of nft is killed.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { children, hitsOf, lend, setLimit } from '../lib/limits.mjs';

await attack(
  'while no process is free, bans are pending, and they are set when a process is free',
  async (world) => {
    lend(world);
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
    setLimit(world, 'nproc', 1);
    for (const child of children(world)) process.kill(child, 'SIGKILL');
    world.write(trapLine('203.0.113.2'));
    await eventually('the limit is named', () => world.said.includes('the limit of processes is reached, raise it'));
    must((await world.status()).bans === 2, 'the ban is not on record');
    setLimit(world, 'nproc', 1000);
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 30_000);
    must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
    must(!/ {4}at |unhandled/i.test(world.said), `its output: ${world.said}`);
  },
  { started: false },
);
