// The daemon is killed with each signal that it cannot or does not catch; between the kills there is a hit and a ban by hand.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { endOf } from '../lib/signals.mjs';

const SIGNALS = ['SIGQUIT', 'SIGABRT', 'SIGSEGV', 'SIGALRM', 'SIGUSR2', 'SIGXCPU', 'SIGKILL'];

await attack(
  'no hit and no acknowledged ban is lost, whichever signal kills the daemon',
  async (world) => {
    const banned = [];
    for (const [index, signal] of SIGNALS.entries()) {
      await world.ban([client(1 + index)]);
      world.write(trapLine(client(101 + index), { number: index }));
      world.child.kill(signal);
      banned.push(client(1 + index), client(101 + index));
      const end = await endOf(world.child);
      must(end.signal === signal, `${signal} ended the daemon with ${end.code ?? end.signal}`);
      await world.start();
    }
    await onlyBanned(world, banned);
    must((await world.status()).hits === SIGNALS.length, 'hits are lost or doubled');
  },
  { before: ['prlimit', '--core=0', '--'] },
);
