// The daemon is started with closed standard input, output and error, so that its first files could get the descriptors 0, 1 and 2.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitsOf } from '../lib/limits.mjs';

await attack(
  'a daemon without standard input, output and error writes nothing into its own files',
  async (world) => {
    await world.start();
    world.write(trapLine('203.0.113.1'), trapLine('203.0.113.2', { number: 2 }));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
    must(world.rows('PRAGMA integrity_check')[0].integrity_check === 'ok', 'the ledger is damaged');
  },
  { before: ['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'], started: false, config: 'actions: [nftables, print]' },
);
