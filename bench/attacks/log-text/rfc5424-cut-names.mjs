// rsyslog cuts the names of all programs of Postfix to "postfix", and a client writes hits into the messages of the other programs.
import { attack } from '../lib/attack.mjs';
import { hitMessage, iso, onlyHits } from '../lib/log-text.mjs';

const line = (name, message) => `<22>1 ${iso()} mx ${name} 1000 - - ${message}\n`;

await attack('after a cut name, only a message that begins like a message of smtpd counts', async (world) => {
  const inner = hitMessage('198.51.100.7');
  const messages = [
    `4F1: message-id=<${inner}>`,
    `4F1A2: discard: header Subject: ${inner}; from a[198.51.100.7]`,
    `warning: header ${inner}`,
  ];
  messages.push(
    `4F1A2: to=<a@b>, relay=x[198.51.100.9]:25, dsn=5.0.0, status=bounced (host said: 550 ${inner})`,
    `statistics: ${inner}`,
    inner.slice(9),
  );
  world.write(...messages.map((message) => line('postfix', message)));
  world.write(
    line('postfixadmin', inner),
    line('xpostfix', inner),
    line('postfix/cleanup', inner),
    line('sshd', inner),
    line('-', inner),
  );
  world.write(line('postfix', hitMessage('203.0.113.1')), line('postfix-in', hitMessage('203.0.113.2')));
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1 });
});
