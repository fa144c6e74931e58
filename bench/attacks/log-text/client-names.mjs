// Clients have host names that resemble addresses or texts of Postfix, or that are as long as the DNS allows.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('the host name of a client is never read as its address', async (world) => {
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
  const names = [
    '198.51.100.7',
    '198.51.100.7.example.net',
    'postfix-smtpd',
    'unknown',
    'discard.RCPT',
    long,
    '_dmarc.example.net',
    '-a-',
    '.',
  ];
  world.write(...names.map((name, index) => hitLine(`203.0.113.${index + 1}`, { name })));
  await onlyHits(world, Object.fromEntries(names.map((_, index) => [`203.0.113.${index + 1}`, 1])));
});
