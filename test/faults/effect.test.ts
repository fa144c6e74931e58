import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/faults/daemon.mjs';
import { Inside } from '../support/faults/inside.ts';
import { root } from '../support/privileges.ts';

const CLIENT = '203.0.113.7';

describe.runIf(root)('a banned client whose mails go on arriving', () => {
  let daemon: Inside;

  beforeEach(async () => {
    daemon = new Inside();
    await daemon.start('sync: 1h');
  });
  afterEach(() => daemon.remove());

  const status = () => daemon.daemon.reports.status();
  let hits = 0;

  async function hit(count: number): Promise<void> {
    const before = status().hits;
    for (let index = 0; index < count; index += 1) daemon.hit(CLIENT, (hits += 1));
    await eventually('the hits are counted', () => status().hits === before + count);
  }

  const notices = (): readonly string[] => daemon.lines.filter((line) => line.includes('has no effect'));

  it('B08: leads to one warning with the likely reasons, and to a line in the status until the client is unbanned', async () => {
    await hit(3);
    await eventually('the ban is in the firewall', () => daemon.firewall().has(CLIENT));
    daemon.ahead = 61_000;
    await hit(30);
    await eventually('the notice', () => notices().length > 0);
    expect(notices()).toEqual([expect.stringContaining(`spamtrap: ban of ${CLIENT} has no effect, hits still come after 1m`)]);
    expect(notices()[0]).toContain('inside holds the ban, so the client');
    expect(status().ineffective).toMatchObject([{ network: CLIENT, jail: 'spamtrap', hits: 30 }]);
    expect(status().actions[0]).toMatchObject({ drift: 0 });
    await daemon.daemon.orders.unban({ networks: [CLIENT] });
    expect(status().ineffective).toEqual([]);
  });
});
