// nft hangs, so that the stop takes some time, and the operator sends SIGTERM again.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { endOf, neighboursOf, programsOf, spaceOf } from '../lib/signals.mjs';

await attack(
  'a second SIGTERM does not interrupt the stop of the daemon, and none of its programs outlives the daemon',
  async (world) => {
    await world.ban(['203.0.113.1']);
    const space = spaceOf(world.child.pid);
    for (const { pid, argv } of programsOf(world.child.pid)) if (argv === 'nft -i') process.kill(pid, 'SIGSTOP');
    world.write(trapLine('203.0.113.2'));
    await sleep(100);
    for (let time = 0; time < 10; time += 1) {
      world.child.kill('SIGTERM');
      await sleep(20);
    }
    const { code, signal } = await endOf(world.child);
    must(code === 0, `the daemon ended with ${code ?? signal}`);
    const left = neighboursOf(space);
    must(left.length === 0, `still running: ${left.map(({ argv }) => argv).join()}`);
    await world.start();
    must((await world.bans()).length === 2, 'a ban is lost');
  },
);
