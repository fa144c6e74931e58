// The user of the daemon may queue no signal (RLIMIT_SIGPENDING), lock no page of memory, and make no message queue.
import { writeFileSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack(
  'a reload and a stop by a signal succeed although no signal can be queued',
  async (world) => {
    const other = `${world.log}.other`;
    writeFileSync(other, trapLine('203.0.113.2', { number: 2 }));
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
    world.configure(`sources: [${[world.log, other].map((path) => `{ type: file, path: '${path}', from: start }`).join(', ')}]`);
    world.child.kill('SIGHUP');
    await eventually('the configuration is read again', () => world.said.includes('configuration read again'));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  },
  { before: ['prlimit', '--sigpending=0:0', '--memlock=0:0', '--msgqueue=0:0', '--nice=0:0', '--rtprio=0:0', '--'] },
);
