// A relay delivers lines dated yesterday, in 1970, and just within the ban time, between lines dated now.
import { attack, must } from '../lib/attack.mjs';
import { hitLine, iso, onlyHits } from '../lib/log-text.mjs';

await attack(
  'a hit whose ban is over is reported and sets no ban; a ban that is not over gets its remaining time',
  async (world) => {
    const dates = [iso(Date.now() - 86_400_000), '1970-01-01T00:00:00Z', iso(Date.now() - 3_601_000), iso(Date.now() - 3_000_000)];
    world.write(...dates.map((date, index) => hitLine(`203.0.113.${index + 1}`, { date })));
    const hits = Object.fromEntries([1, 3, 4].map((last) => [`203.0.113.${last}`, 1]));
    // A hit that is older than the retention of hits is not recorded.
    await onlyHits(world, hits, ['203.0.113.4']);
    must(world.said.match(/already over, not banned/g)?.length === 3, 'the three hits were not reported');
    const left = world.firewall().get('203.0.113.4');
    must(left > 300 && left <= 600, `the ban lasts ${left} s`);
  },
);
