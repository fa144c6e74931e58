// An operator runs the daemon in a terminal and presses Ctrl-C twice, which reaches its whole process group.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { endOf, neighboursOf, spaceOf } from '../lib/signals.mjs';

await attack(
  'when Ctrl-C is pressed twice, the daemon stops properly with its programs, and the bans stay in the firewall',
  async (world) => {
    await world.ban(['203.0.113.1']);
    const space = spaceOf(world.child.pid);
    process.kill(-world.child.pid, 'SIGINT');
    await sleep(3);
    process.kill(-world.child.pid, 'SIGINT');
    const { code, signal } = await endOf(world.child);
    must(code === 0, `the daemon ended with ${code ?? signal}`);
    must(
      neighboursOf(space).length === 0,
      `still running: ${neighboursOf(space)
        .map(({ argv }) => argv)
        .join()}`,
    );
    must(world.holds(['203.0.113.1']), 'the ban is gone');
  },
  { before: ['setsid', '--'], after: false },
);
