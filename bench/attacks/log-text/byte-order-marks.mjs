// Relays write byte order marks at the place that RFC 5424 allows, and at other places.
import { attack } from '../lib/attack.mjs';
import { hitLine, hitMessage, iso, onlyHits } from '../lib/log-text.mjs';

const long = (address, start) => `<22>1 ${iso()} mx postfix/smtpd 1000 - -${start}${hitMessage(address)}\n`;

await attack('a hit with a byte order mark before its message counts, and a mark at another place makes no hit', async (world) => {
  world.write(
    long('203.0.113.1', ' \ufeff'),
    long('203.0.113.2', '  '),
    long('203.0.113.3', ''),
    long('203.0.113.4', ' \ufeff\ufeff'),
  );
  world.write(hitLine('203.0.113.5', { date: `\u200b${iso()}` }), hitLine('203.0.113.6', { tag: '\ufeffpostfix/smtpd[1]' }));
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1 });
});
