// The address of one IPv6 client is logged in many spellings, and the addresses of IPv4 clients as IPv4-mapped addresses.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('all spellings of an address count as one client and make one element of the firewall', async (world) => {
  const spellings = ['2001:db8:a:b::1', '2001:DB8:A:B::1', '2001:0db8:000a:000b:0000:0000:0000:0001', '2001:db8:a:b:0:0:0.0.0.1'];
  world.write(...spellings.map((address) => hitLine(address)), hitLine('::ffff:203.0.113.1'), hitLine('::FFFF:cb00:7101'));
  await onlyHits(world, { '2001:db8:a:b::1': 4, '203.0.113.1': 2 }, ['2001:db8:a:b::/64', '203.0.113.1']);
});
