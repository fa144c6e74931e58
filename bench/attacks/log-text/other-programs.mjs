// Clients of other programs on this machine make these programs log complete messages of smtpd.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('a line counts only if an smtpd of this Postfix wrote it', async (world) => {
  const others = [
    'sshd[1]',
    'postfix/smtp[1]',
    'postfix/cleanup[1]',
    'postfix/postscreen[1]',
    'postfix/lmtp[1]',
    'postfix/smtpdx[1]',
    'postfix[1]',
  ];
  others.push(
    'evil/postfix/smtpd[1]',
    'xpostfix/smtpd[1]',
    'POSTFIX/smtpd[1]',
    'postfix/smtpd',
    'postfix/smtpd[]',
    'postfix/smtpd[1a]',
    'postfix//smtpd[1]',
  );
  others.push('postfix smtpd[1]', 'postfix/smtpd[1]:', 'postfix\\smtpd[1]', 'postfix/smtpd[12345678901]', 'smtpd[1]', '/smtpd[1]');
  const own = [
    'postfix/smtpd[1]',
    'postfix/submission/smtpd[2]',
    'postfix-in/smtpd[3]',
    'postfix/a/b/c/d/e/f/smtpd[4]',
    'postfix_2.x/smtps/smtpd[5]',
  ];
  world.write(...others.map((tag, index) => hitLine(`198.51.100.${index + 1}`, { tag })));
  world.write(...own.map((tag, index) => hitLine(`203.0.113.${index + 1}`, { tag })));
  await onlyHits(world, Object.fromEntries(own.map((_, index) => [`203.0.113.${index + 1}`, 1])));
});
