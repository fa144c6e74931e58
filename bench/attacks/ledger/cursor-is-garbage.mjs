// While the daemon is stopped, another program replaces the cursor by values that are no cursor.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, sql } from '../lib/ledger.mjs';

const CURSORS = [
  "''",
  "'{'",
  "'null'",
  "'[]'",
  '\'{"offset":-1}\'',
  "printf('%.*c', 2000000, '[')",
  "x'00ff'",
  '7',
  '\'{"__proto__":1}\'',
];

await attack('whatever the value of the cursor, the daemon runs and bans only clients that mailed the trap', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  for (const cursor of CURSORS) {
    await world.stop();
    sql(world, `UPDATE cursors SET cursor = ${cursor}`);
    await world.start();
  }
  world.write('');
  await onlyBanned(world, ['203.0.113.1']);
  must(!/undefined|TypeError/.test(world.said), 'a message has a fault of the program');
});
