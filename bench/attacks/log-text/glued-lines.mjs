// A syslogd that was killed wrote half of a line, and the next line follows it directly. Some lines are written twice without a newline in between.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

const half = (address, length) => hitLine(address).slice(0, length);
const whole = (last) => hitLine(`203.0.113.${last}`);

await attack('a line without its own newline bans at most the client that its start names', async (world) => {
  world.write(half('198.51.100.1', 20), whole(1), half('198.51.100.2', 50), whole(2), half('198.51.100.3', 75), whole(3), whole(4));
  world.write(whole(5).trimEnd(), whole(6), whole(7).trimEnd().repeat(3), '\n', `connect from a[198.51.100.4]${whole(8)}`);
  await onlyHits(world, { '203.0.113.4': 1, '203.0.113.5': 1, '203.0.113.7': 1 });
});
