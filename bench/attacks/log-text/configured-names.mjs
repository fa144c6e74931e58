// The operator configures syslog_names. Other programs have names that begin or end with a configured name, or that match it as a pattern.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack(
  'a configured name is no regular expression, and also matches names that continue it with a slash',
  async (world) => {
    const own = ['mail.in/smtpd[1]', 'mail.in/submission/smtpd[1]', 'mta1/smtpd[1]', 'mta-outbound/x/smtpd[1]'];
    const others = [
      'mailxin/smtpd[1]',
      'mail.in2/smtpd[1]',
      'a/mail.in/smtpd[1]',
      'mt/smtpd[1]',
      'postfix-in/smtpd[1]',
      'mail.inn/smtpd[1]',
    ];
    world.write(...own.map((tag, index) => hitLine(`203.0.113.${index + 1}`, { tag })));
    world.write(...others.map((tag, index) => hitLine(`198.51.100.${index + 1}`, { tag })));
    await onlyHits(world, Object.fromEntries(own.map((_, index) => [`203.0.113.${index + 1}`, 1])));
  },
  { config: "syslog_names: ['mail.in', 'mta*', postfix]" },
);
