// While the daemon is stopped, random bytes are written over single pages and single bytes of a ledger with thousands of rows.
import { randomBytes, randomInt } from 'node:crypto';
import { copyFileSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { hit, overwrite } from '../lib/ledger.mjs';

await attack(
  'a start with a damaged ledger succeeds or is refused in one line',
  async (world) => {
    await world.ban(
      Array.from({ length: 1500 }, (_, index) => `2001:db8:0:${index.toString(16)}::/64`),
      { reason: 'größer' },
    );
    await hit(
      world,
      Array.from({ length: 200 }, (_, index) => `203.0.113.${index + 1}`),
      200,
    );
    await world.stop();
    copyFileSync(world.state, `${world.state}.good`);
    for (let round = 0; round < 12; round += 1) {
      for (const suffix of ['-wal', '-shm']) rmSync(`${world.state}${suffix}`, { force: true });
      copyFileSync(`${world.state}.good`, world.state);
      const { size } = statSync(world.state);
      if (round % 3 === 0) overwrite(world.state, 4096 * randomInt(1, size / 4096), randomBytes(4096));
      else for (let byte = 0; byte < 40 * round; byte += 1) overwrite(world.state, randomInt(100, size - 1), randomBytes(1));
      world.said = '';
      await world.start().catch(() => {});
      if (world.child.exitCode === null) {
        await world.status().catch(() => {});
        await world.bans().catch(() => {});
        await sleep(200);
      }
      const { exitCode, signalCode } = world.child;
      const said = world.said.trim();
      must(
        signalCode === null && (exitCode === null || exitCode >= 64),
        `round ${round}: it ended with ${exitCode ?? signalCode}: ${said}`,
      );
      must(!/\n\s+at /.test(said), `round ${round}: its output: ${said}`);
      if (exitCode !== null) must(said.split('\n').at(-1).includes('trapline.db: '), `round ${round}: it said ${said}`);
      await world.kill();
    }
  },
  { after: false },
);
