// Twenty megabytes of the log consist only of the text of the trap, in lines of six lengths.
import { attack, must, slowness } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack("lines full of the trap's text are no hits, and the daemon answers while it reads them", async (world) => {
  const lines = [1, 3, 10, 100, 450, 3000].map((times) => `${'triggers spamtrap '.repeat(times)}\n`).join('');
  let slowest = 0;
  for (let part = 0; part < 10; part += 1) {
    world.write(lines.repeat(35));
    const asked = performance.now();
    await world.status();
    slowest = Math.max(slowest, performance.now() - asked);
  }
  world.write(hitLine('203.0.113.1'));
  await onlyHits(world, { '203.0.113.1': 1 });
  must(slowest < 1000 * slowness(), `an answer took ${Math.round(slowest)} ms`);
});
