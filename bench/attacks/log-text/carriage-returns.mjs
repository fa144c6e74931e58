// A log from Windows has CR LF line ends, and some lines end with several carriage returns or blanks.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('a hit with carriage returns or blanks at its end counts, and so does a repeat of it', async (world) => {
  const ends = ['\r\n', '\r\r\n', ' \n', '\t\n', ' \r\n', '\0\n'];
  world.write(...ends.map((end, index) => hitLine(`203.0.113.${index + 1}`).replace('\n', end)));
  world.write(hitLine('203.0.113.9').replace('\n', '\r\n'), `${hitLine('').slice(0, 32)} mx last message repeated 2 times\r\n`);
  const hits = Object.fromEntries(ends.map((_, index) => [`203.0.113.${index + 1}`, 1]));
  await onlyHits(world, { ...hits, '203.0.113.9': 3 });
});
