// The daemon gets SIGTERM at twenty different moments of a start, beginning with the first milliseconds.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { endOf, neighboursOf, spaceOf } from '../lib/signals.mjs';

await attack(
  'a start that is stopped ends with 0 or by the signal, no program outlives it, and the next start succeeds',
  async (world) => {
    world.write(trapLine('203.0.113.1'));
    let orderly = 0;
    for (let moment = 1; moment <= 20; moment += 1) {
      world.spawn();
      await sleep(moment * 30);
      const space = spaceOf(world.child.pid);
      world.child.kill('SIGTERM');
      const { code, signal } = await endOf(world.child);
      must(code === 0 || signal === 'SIGTERM', `after ${moment * 30} ms: ${code ?? signal}`);
      if (code === 0) orderly += 1;
      if (space !== spaceOf('self'))
        must(
          neighboursOf(space).length === 0,
          `still running: ${neighboursOf(space)
            .map(({ argv }) => argv)
            .join()}`,
        );
    }
    must(!/\n\s+at /.test(world.said), `a stack trace: ${world.said}`);
    must(orderly > 0, 'no start ended with code 0');
    await world.start();
    await onlyBanned(world, ['203.0.113.1']);
    must((await world.status()).hits === 1, 'the hit was counted twice');
  },
  { started: false },
);
