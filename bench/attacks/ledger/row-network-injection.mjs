// Another program writes bans whose networks are commands of nft, options of programs, and texts that resemble addresses.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, insertBan, sql } from '../lib/ledger.mjs';

const NETWORKS = [
  '203.0.113.9/32 }; flush ruleset; #',
  '203.0.113.9',
  '203.0.113.9/24',
  '203.0.113.009/32',
  '203.0.113.9/33',
  '0x cb007109/32',
  '::ffff:203.0.113.9/128',
  '2001:DB8::/64',
  '2001:db8:0:0::/64',
  'fe80::1%lo/128',
  '-f /etc/passwd',
  '',
  ' ',
  'all',
  '203.0.113.9/32\n',
];

await attack('a network in a form that Trapline never writes reaches no firewall, and its row is not changed', async (world) => {
  NETWORKS.forEach((network) => insertBan(world, '203.0.113.9', { network: `'${network}'` }));
  await hit(world, ['203.0.113.1'], 1);
  await onlyBanned(world, ['203.0.113.1']);
  await crash(world);
  await onlyBanned(world, ['203.0.113.1']);
  must(sql(world, 'SELECT count(*) FROM bans') === String(NETWORKS.length + 1), 'a bad row was removed');
});
