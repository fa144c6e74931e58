// While the disk is full, thousands of bans and unbans are requested.
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { hit } from '../lib/ledger.mjs';

await attack(
  'each request that a full disk makes impossible is refused in one line, and memory does not grow',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      disk.fill();
      await world.ban(['198.51.100.1']).catch(() => {});
      const before = world.memory().now;
      for (let round = 0; round < 150; round += 1) {
        const orders = Array.from({ length: 10 }, (_, index) =>
          index % 2 ? world.unban(['203.0.113.1']) : world.ban([`198.51.100.${index}`]),
        );
        for (const { status, reason } of await Promise.allSettled(orders)) {
          must(status === 'rejected' && /^503: [^\n]+make room on its disk$/.test(reason.message), `an order: ${reason}`);
        }
      }
      const grown = world.memory().now - before;
      must(grown < 100, `the memory grew by ${grown} MiB`);
      must((world.said.match(/make room/g) ?? []).length < 20, 'the log is full of refusals');
      disk.free();
    });
  },
  { started: false },
);
