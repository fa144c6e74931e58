// All actions of Linux work at once, and each is flushed in turn while bans come and go.
import { attack, must } from '../lib/attack.mjs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';

await attack(
  'all three firewalls hold all bans of the ledger',
  async (world) => {
    const held = () => ({
      nftables: world.run('nft', 'list', 'ruleset').includes('table inet trapline') ? [...world.firewall().keys()] : [],
      ipset: Array.from(world.run('ipset', 'save').matchAll(/^add trapline4 (\S+)/gm), ([, one]) => one),
      iptables: Array.from(
        world.run('iptables', '-t', 'raw', '-S').matchAll(/^-A TRAPLINE-BANS -s (\S+)\/32 -j DROP/gm),
        ([, one]) => one,
      ),
    });
    const wanted = [];
    const flushes = [
      ['nft', 'delete', 'table', 'inet', 'trapline'],
      ['ipset', 'flush'],
      ['iptables', '-t', 'raw', '-F', 'TRAPLINE-BANS'],
      ['nft', 'flush', 'ruleset'],
    ];
    for (const [number, flush] of flushes.entries()) {
      wanted.push(`203.0.113.${number + 1}`);
      world.write(trapLine(wanted.at(-1), { number }));
      await world.ban(['198.51.100.1'], { duration: 1000 });
      world.run(...flush);
      await eventually(
        `all are equal after ${flush.join(' ')}`,
        () => Object.values(held()).every((one) => one.toSorted((a, b) => a.localeCompare(b)).join(' ') === wanted.join(' ')),
        20_000,
      );
    }
    must((await world.status()).actions.length === 3, 'an action is missing');
  },
  { config: 'sync: 1s\nactions: [nftables, iptables, ipset]' },
);
