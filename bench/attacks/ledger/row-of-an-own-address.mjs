// Another program writes bans of the machine's own addresses, of loopback and of the whole Internet, as `trapline ban --force` would write them.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { crash, hit, insertBan, sql } from '../lib/ledger.mjs';

await attack(
  'a ban of an address of this machine that another program wrote is lifted within seconds',
  async (world) => {
    world.run('ip', 'address', 'add', '198.51.100.9/32', 'dev', 'lo');
    await hit(world, ['203.0.113.1'], 1);
    const insert = () => {
      insertBan(world, '198.51.100.9', { forced: '1', until: 'NULL' });
      insertBan(world, '127.0.0.1', { jail: "'manual'", origin: "'hand'", forced: '1' });
      insertBan(world, '0.0.0.0', { network: "'0.0.0.0/0'", last: `'4${'0'.repeat(24)}ffffffff'` });
    };
    insert();
    await eventually('the rows are gone', () => sql(world, 'SELECT count(*) FROM bans') === '1', 10_000 * slowness());
    await onlyBanned(world, ['203.0.113.1']);
    await world.kill();
    insert();
    await world.start();
    must(world.firewall().size === 1, 'the started daemon bans an own address');
    insert();
    await eventually('the rows are gone again', () => sql(world, 'SELECT count(*) FROM bans') === '1', 10_000 * slowness());
    await crash(world);
    await onlyBanned(world, ['203.0.113.1']);
  },
  { config: 'sync: 1s' },
);
