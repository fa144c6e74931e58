// Fields are longer than the limit, and the limit cuts a character of UTF-8 in two.
import { attack, must } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('fields are cut at 512 bytes, in the ledger and in the log', async (world) => {
  const long = `${'é'.repeat(300)}@example.com`;
  world.write(
    hitLine('203.0.113.1', { trap: long, from: 'x'.repeat(254), helo: '😀'.repeat(128) }),
    hitLine('203.0.113.2', { trap: `x${long}`, helo: 'h'.repeat(1000) }),
  );
  world.write(hitLine('203.0.113.3', { trap: '', from: '', to: '', helo: '' }));
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1, '203.0.113.3': 1 });
  for (const row of world.rows('SELECT address, trap, sender, helo FROM hits'))
    for (const field of [row.trap, row.sender, row.helo].map((value) => value ?? ''))
      must(Buffer.byteLength(field) <= 514, `a field of ${row.address} has ${Buffer.byteLength(field)} bytes`);
  must(
    world.said.split('\n').every((line) => line.length < 400),
    'a line of the log is too long',
  );
});
