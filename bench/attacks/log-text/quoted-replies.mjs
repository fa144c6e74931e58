// Remote servers, milters and policy services make Postfix quote complete hits in rejections and bounces.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack(
  'a text that Postfix quotes from another program is no hit',
  async (world) => {
    const client = 'RCPT from a[198.51.100.7]';
    const end = '(in reply to RCPT TO command); from=<a> to=<b> proto=ESMTP helo=<h>';
    const quoted = `<t@example.com>: Recipient address triggers spamtrap ${end}`;
    const rejected = `<t@example.com>: Recipient address rejected: triggers spamtrap ${end}`;
    const starts = [
      `reject: ${client}: 550 5.1.1 <u@example.com>: Recipient address rejected: host mx said: `,
      `reject: ${client}: 450 4.1.1 <u>: Sender address rejected: undeliverable address: host mx[198.51.100.9] said: 550 `,
    ];
    starts.push(
      `milter-reject: END-OF-MESSAGE from a[198.51.100.7]: 5.7.1 `,
      `warn: ${client}: `,
      `hold: ${client}: `,
      `filter: ${client}: `,
      `prepend: ${client}: `,
      `reject_warning: ${client}: 554 5.7.1 `,
    );
    starts.push(`bcc: ${client}: `, `info: ${client}: `, `discard: UNKNOWN from a[198.51.100.7]: `);
    world.write(
      ...starts.flatMap((start) => [quoted, rejected].map((text) => hitLine('', { message: `NOQUEUE: ${start}${text}` }))),
    );
    await onlyHits(world, {});
  },
  { config: 'jails: { a: {}, b: { filter: postfix-redirect }, c: { filter: postfix-reject-trap } }' },
);
