// Another program makes the table dormant: the table keeps its sets and rules, but the kernel does not apply them to packets.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack(
  'a dormant table is made active again',
  async (world) => {
    world.write(trapLine('203.0.113.5'));
    await onlyBanned(world, ['203.0.113.5']);
    world.run('nft', 'add table inet trapline { flags dormant; }');
    await eventually(
      'the table is awake',
      () => !world.run('nft', 'list', 'table', 'inet', 'trapline').includes('dormant'),
      10_000,
    );
    await onlyBanned(world, ['203.0.113.5']);
  },
  { config: 'sync: 1s' },
);
