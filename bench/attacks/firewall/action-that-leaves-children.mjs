// An operator's action starts programs that outlive it, hold its outputs open, and write to them.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { descriptors } from '../lib/control-socket.mjs';
import { action, fake, ownAction } from '../lib/firewall.mjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

await attack(
  'programs that outlive an action delay no ban, and the daemon closes their outputs',
  async (world) => {
    const script = fake(
      world,
      'leaves',
      'cat > /dev/null; (trap "" PIPE; for i in $(seq 300); do echo noise; echo noise >&2; sleep 0.1; done) & echo $! >> $HERE/left; exit 0',
    );
    const step = `[{ argv: [${script}], stdin: '{{#all}}{{text}} {{/all}}' }]`;
    const folder = ownAction(
      world,
      'leaves',
      `name: leaves\ndescription: x\nopen: []\nban: ${step}\nunban: ${step}\nexamples: [{ verb: open, commands: [] }]`,
    );
    world.configure(`${folder}\nactions: [nftables, leaves]`);
    await world.start();
    const before = descriptors(world);
    for (let number = 1; number <= 8; number += 1) {
      world.write(trapLine(`203.0.113.${number}`, { number }));
      await eventually('the ban is set', async () => world.holds([`203.0.113.${number}`]));
    }
    await onlyBanned(
      world,
      Array.from({ length: 8 }, (_, index) => `203.0.113.${index + 1}`),
    );
    await eventually('the action has done its work', async () => (await action(world, 'leaves')).owed === 0, 30_000);
    await eventually('the outputs are closed', () => descriptors(world) <= before + 6, 40_000);
    for (const pid of readFileSync(join(world.folder, 'left'), 'utf8').trim().split('\n')) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {} // It has ended.
    }
    must((await action(world, 'leaves')).state === 'ok', 'the action fails');
  },
  { started: false },
);
