// Somebody kills every program of the daemon again and again while clients mail traps and bans are lifted.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { programsOf } from '../lib/signals.mjs';

await attack(
  'no ban and no unban is lost when the programs of the daemon are killed',
  async (world) => {
    const unbans = [];
    let killed = 0;
    for (let round = 0; round < 40; round += 1) {
      world.write(trapLine(client(1 + round), { number: round }));
      if (round % 5 === 4) unbans.push(world.unban([client(round - 2)]));
      await sleep(15);
      for (const { pid } of programsOf(world.child.pid)) {
        try {
          process.kill(pid, ['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGPIPE'][round % 4]);
          killed += 1;
        } catch {
          // It has ended.
        }
      }
    }
    await Promise.all(unbans);
    must(killed > 2, `only ${killed} programs were killed`);
    const banned = Array.from({ length: 40 }, (_, index) => 1 + index).filter((number) => number % 5 !== 2);
    await onlyBanned(world, banned.map(client), 15_000);
  },
  { config: 'sync: 1s' },
);
