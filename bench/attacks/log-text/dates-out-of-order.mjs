// The lines of several relays come mixed: the three hits of a client lie within findtime or not, and none comes in order.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { hitLine, hitsAre, iso, THIRD } from '../lib/log-text.mjs';

await attack(
  'the order of lines decides about no ban, only their dates do',
  async (world) => {
    const minutes = {
      '203.0.113.1': [-1, -9, -5],
      '203.0.113.2': [-1, -12, -6],
      '203.0.113.3': [-25, -2, -13],
      '203.0.113.4': [-25, -30, -21, -1],
      '203.0.113.5': [-1, -11],
    };
    const now = Date.now();
    const lines = Object.entries(minutes).flatMap(([address, ago]) =>
      ago.map((minute, index) => [index, hitLine(address, { date: iso(now + minute * 60_000) })]),
    );
    world.write(...lines.toSorted(([one], [other]) => one - other).map(([, line]) => line));
    const hits = { '203.0.113.1': 3, '203.0.113.2': 3, '203.0.113.3': 3, '203.0.113.4': 4, '203.0.113.5': 2 };
    await hitsAre(world, hits);
    await onlyBanned(world, ['203.0.113.1', '203.0.113.4']);
  },
  THIRD,
);
