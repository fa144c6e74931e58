import { describe, expect, it } from 'vitest';
import { messageBehind } from '../../../../src/filters/rules/nearmiss/prefix.ts';

const MESSAGE =
  'NOQUEUE: discard: RCPT from unknown[192.0.2.10]: <trap@example.org>: Recipient address triggers spamtrap; from=<a@example.com> to=<trap@example.org> proto=ESMTP helo=<h.example.com>';

describe('the message behind an unknown start of a line', () => {
  it.each([
    'weird ~~ Nov 28 17:00:00 mx postfix/smtpd[1]: ',
    '28/Nov/2026 17-00-00 | mx | postfix/smtpd | ',
    'Nov 28 17:00:00 mx postfix/smtpd[1]: info: ',
    'Nov 28 17-00-00 mx ',
  ])('is found behind "%s"', (start) => {
    expect(messageBehind(start + MESSAGE)).toBe(MESSAGE);
  });

  it('is found in JSON, without the rest of the object', () => {
    const escaped = MESSAGE.replaceAll('<', String.raw`\u003c`).replaceAll('>', String.raw`\u003e`);
    expect(messageBehind(String.raw`{"x":1,"text":"weird postfix/smtpd[1]: ${escaped}\n","y":"z"}`)).toBe(MESSAGE);
  });

  it.each([
    ['a text in angle brackets before it', 'weird postfix/smtpd[1]: helo=<'],
    ['a subject before it', 'weird mx postfix/cleanup[1]: warning: header Subject: '],
    ['the name of another program before it', 'weird ~~ mx nginx[1]: '],
    ['a very long start', `${'x'.repeat(400)} postfix/smtpd[1]: `],
  ])('is not looked for behind %s, because a client may have written it', (_, start) => {
    expect(messageBehind(start + MESSAGE)).toBeUndefined();
  });
});
