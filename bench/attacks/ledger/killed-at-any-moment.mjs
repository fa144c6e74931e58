// The daemon is killed fifteen times in the middle of its writes, while hits and bans by hand arrive.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { hitsOf, recorded, sql } from '../lib/ledger.mjs';

await attack('after a kill in the middle of a write, each hit is counted once and no acknowledged ban is lost', async (world) => {
  const acknowledged = [];
  let number = 0;
  for (let round = 0; round < 15; round += 1) {
    const orders = Array.from({ length: 10 }, (_, index) => `198.51.100.${round * 10 + index}`).map((address) =>
      world.ban([address]).then(
        () => acknowledged.push(address),
        () => {},
      ),
    );
    for (let last = 0; last < 20; last += 1) world.write(trapLine(`203.0.113.${(number % 200) + 1}`, { number: number++ }));
    await sleep(Math.random() * 60);
    await world.kill();
    await Promise.all(orders);
    must(sql(world, 'PRAGMA integrity_check') === 'ok', 'the ledger is damaged');
    await world.start();
  }
  await recorded(world, number);
  must(hitsOf(world).length === number, `${hitsOf(world).length} of ${number} hits`);
  const banned = new Set((await world.bans()).map(({ network }) => network));
  const lost = acknowledged.filter((address) => !banned.has(address));
  must(lost.length === 0, `lost: ${lost.join()}`);
});
