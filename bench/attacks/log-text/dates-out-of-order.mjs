// The lines of several relays are mixed, so that the hits of each client are not in the order of their dates. A ban needs three hits within findtime.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { hitLine, hitsAre, iso, THIRD } from '../lib/log-text.mjs';

await attack(
  'only the dates of the hits decide about a ban, not the order of the lines',
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
