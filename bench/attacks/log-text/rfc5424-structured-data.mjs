// A relay writes RFC 5424 with structured data whose values contain brackets, quotes and complete messages.
import { attack } from '../lib/attack.mjs';
import { hitMessage, iso, onlyHits } from '../lib/log-text.mjs';

const line = (address, one) => `<22>1 ${iso()} mx postfix/smtpd 1000 - ${one} ${hitMessage(address)}\n`;

await attack('no value of structured data is read as the message', async (world) => {
  const inner = hitMessage('198.51.100.7');
  const value = `${inner.replaceAll(/["\\\]]/g, String.raw`\$&`)}\\] - ${inner.replaceAll(/["\\\]]/g, String.raw`\$&`)}`;
  const data = [
    '-',
    '[a@1 b="c"]',
    `[a@1 b="${value}"]`,
    '[a@1 b="\\"\\]\\\\"][c d=""]',
    `[a@1${' b="x"'.repeat(16)}]`,
    '[x@9]'.repeat(16),
  ];
  world.write(...data.map((one, index) => line(`203.0.113.${index + 1}`, one)));
  // The following texts are no structured data, so the lines are not lines of smtpd.
  world.write(
    line('203.0.113.21', `[a@1 b="${inner}] - "]`),
    line('203.0.113.22', '[a@1 b="c" - -'),
    line('203.0.113.23', `- ${inner}`),
  );
  await onlyHits(world, { ...Object.fromEntries(data.map((_, index) => [`203.0.113.${index + 1}`, 1])), '198.51.100.7': 1 });
});
