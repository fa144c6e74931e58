// The daemon is started with a limit of 40 to 130 descriptors. With fewer descriptors, SQLite could not be loaded.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

await attack(
  'a daemon with few descriptors answers, or logs a line that names the limit',
  async (world) => {
    for (const limit of [40, 50, 60, 80, 130]) {
      world.said = '';
      world.before = ['prlimit', `--nofile=${limit}:${limit}`, '--'];
      const works = await world.start(10_000).then(
        () => true,
        () => false,
      );
      const { exitCode, signalCode } = world.child;
      must(
        works || exitCode !== null || world.said.includes('raise the limit (LimitNOFILE='),
        `with ${limit} descriptors its output was: ${world.said}`,
      );
      must(
        signalCode === null && exitCode !== 0 && !/ {4}at /.test(world.said),
        `with ${limit} descriptors: ${signalCode ?? exitCode}: ${world.said}`,
      );
      await world.kill();
    }
    world.write(trapLine('203.0.113.1'));
    await world.start();
    await onlyBanned(world, ['203.0.113.1'], 15_000);
  },
  { started: false },
);
