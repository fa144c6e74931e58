// While the daemon is stopped, another program writes an impossible offset to the cursor: after the end of the log, negative, a fraction, a text.
import { attack, must } from '../lib/attack.mjs';
import { hit, hitsOf, sql } from '../lib/ledger.mjs';

await attack('no later line is lost when the cursor has an impossible offset', async (world) => {
  let hits = 0;
  for (const offset of ['1e15', '-3', '0.5', '9007199254740993', '"12"', 'null']) {
    hits += 1;
    await hit(world, [`203.0.113.${hits}`], (await world.status()).hits + 1, hits);
    await world.stop();
    sql(world, `UPDATE cursors SET cursor = json_set(cursor, '$.offset', json('${offset}'))`);
    await world.start();
    const client = `198.51.100.${hits}`;
    world.write((await import('../../../test/support/faults/daemon.mjs')).trapLine(client, { number: 100 + hits }));
    const end = Date.now() + 20_000;
    while (!world.holds([client]) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    must(hitsOf(world).includes(client), `with the offset ${offset} a later line was lost`);
  }
});
