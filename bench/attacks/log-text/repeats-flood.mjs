// A local user writes thousands of lines "last message repeated 999999999 times" after one hit.
import { attack, must } from '../lib/attack.mjs';
import { bsd, hitLine, readHits } from '../lib/log-text.mjs';

await attack('however many repeats are reported, the memory is not filled and the daemon does not hang', async (world) => {
  const repeat = `${bsd()} mx last message repeated 999999999 times\n`;
  world.write(hitLine('203.0.113.1', { date: bsd() }), repeat.repeat(10_000));
  const { '203.0.113.1': hits } = await readHits(world);
  must(hits <= 100_000, `${hits} hits were counted`);
  must(world.memory().most < 400, `${world.memory().most} MiB of memory`);
});
