// Another program writes tallies that are negative, infinite, texts, bytes, or larger than 64 bits.
import { attack, must } from '../lib/attack.mjs';
import { hit, sql } from '../lib/ledger.mjs';

await attack('whatever the tallies are, hits are recorded and `status` is answered', async (world) => {
  sql(
    world,
    `INSERT INTO tallies VALUES ('a', 'ban', -5), ('b', 'ban', 9e999), ('c', 'ban', 'many'), ('d', 'ban', x'00'),
    ('spamtrap', 'ban', 9223372036854775807), ('spamtrap', 'spare', 'x')`,
  );
  world.write('');
  await hit(world, [], (await world.status()).hits);
  const answer = await world.status();
  must(typeof answer.hits === 'number', `the status has ${answer.hits} hits`);
});
