// One client mails the trap a thousand times in one second, so that the lines are equal in every byte.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('each of many equal lines is a hit', async (world) => {
  world.write(hitLine('203.0.113.1', { date: '2026-01-01T00:00:00Z' }).repeat(300));
  world.write(hitLine('203.0.113.2').repeat(1000), hitLine('203.0.113.3').repeat(1000));
  await onlyHits(world, { '203.0.113.2': 1000, '203.0.113.3': 1000 });
});
