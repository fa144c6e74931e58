// A local user writes a megabyte of pairs of lines: a hit, and "last message repeated 999999999 times".
import { attack, must } from '../lib/attack.mjs';
import { bsd, hitLine, readHits } from '../lib/log-text.mjs';

await attack('the repeats of many hits in one read neither fill the memory nor block the daemon', async (world) => {
  const pair = `${hitLine('203.0.113.1', { date: bsd() })}${bsd()} mx last message repeated 999999999 times\n`;
  world.write(pair.repeat(4000));
  const { '203.0.113.1': hits } = await readHits(world);
  must(hits >= 4000 && hits <= 1_500_000, `${hits} hits were counted`);
  must(world.memory().most < 400, `${world.memory().most} MiB of memory`);
});
