// Commands and the daemon are started with closed standard input, output and error.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { shell } from '../lib/signals.mjs';

await attack(
  'a program with closed descriptors 0 to 2 works, and writes its output to no other file',
  async (world) => {
    world.before = ['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'];
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
    world.child.kill('SIGHUP');
    must((await shell(world, '"$@" ban $places 203.0.113.2 <&- >&- 2>&-')).code === 0, 'ban fails');
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    must(world.rows('PRAGMA integrity_check')[0].integrity_check === 'ok', 'the ledger is damaged');
  },
  { started: false },
);
