// Postfix logs the port of the client (smtpd_client_port_logging), and clients mail with ports that are no numbers or out of range.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

const withPort = (address, port) => hitLine(address).replace(`[${address}]`, `[${address}]:${port}`);

await attack('a line with a port after the address is a hit, and a line with another text after it is not', async (world) => {
  world.write(withPort('203.0.113.1', '51234'), withPort('203.0.113.2', '0'), withPort('2001:db8:1::1', '65535'));
  world.write(withPort('203.0.113.3', '123456'), withPort('203.0.113.4', ''), withPort('203.0.113.5', '25:25'));
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1, '2001:db8:1::1': 1 }, [
    '203.0.113.1',
    '203.0.113.2',
    '2001:db8:1::/64',
  ]);
});
