// After a power cut, the log has NULs before, inside and after lines.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

const nuls = (count) => '\0'.repeat(count);

await attack('a hit after NULs counts, and a line with NULs inside bans at most its own client', async (world) => {
  world.write(nuls(5000), hitLine('203.0.113.1'), nuls(1), hitLine('203.0.113.2'), nuls(70_000), '\n', hitLine('203.0.113.3'));
  world.write(
    hitLine('203.0.113.4').replace('[203', `[${nuls(3)}203`),
    hitLine('203.0.113.5', { helo: `a${nuls(10)}${hitLine('198.51.100.7').trim()}` }),
  );
  world.write(hitLine('203.0.113.6').slice(0, 60), nuls(4096), hitLine('203.0.113.7'), hitLine('203.0.113.8'));
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1, '203.0.113.3': 1, '203.0.113.5': 1, '203.0.113.8': 1 });
});
