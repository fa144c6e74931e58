import { describe, expect, it } from 'vitest';
import { CLIENTS } from '../support/e2e/hosts.ts';
import { until } from '../support/until.ts';
import { USER, useMailServer } from '../support/system/mail-server.ts';

/** The ban time, which is long enough for all checks during the ban. */
const BANTIME = '15s';

describe('a mail to the trap on a mail server of Debian', () => {
  const server = useMailServer(`defaults: { bantime: ${BANTIME} }\n`);

  it.concurrent.each([
    { family: 'IPv4', spammer: 'spammer4', neighbour: 'neighbour4' },
    { family: 'IPv6', spammer: 'spammer6', neighbour: 'neighbour6' },
  ] as const)(
    'locks out the client until the ban ends, but not the neighbour of the client ($family)',
    async ({ spammer, neighbour }) => {
      expect(await server.mail(spammer, USER)).toBe('ok');
      await server.hit(spammer);
      await server.lockedOut(spammer);
      expect(await server.mail(neighbour, USER)).toBe('ok');
      await server.letIn(spammer, { deadline: 60_000 });
      expect(await server.mail(spammer, USER)).toBe('ok');
    },
  );

  it('leads to a line in the journal that names the client, the rule and the trap', async () => {
    expect(await server.said()).toContain(`spamtrap: ban ${CLIENTS.spammer4} for 15s: rule recipient, trap spamtrap@example.com`);
  });

  it('is not counted when a local user writes its line to the log', async () => {
    const line = `NOQUEUE: discard: RCPT from unknown[${CLIENTS.honest4}]: <spamtrap@example.com>: Recipient address triggers spamtrap; from=<a@example.org> to=<spamtrap@example.com> proto=ESMTP helo=<b>`;
    await server.must(
      'setpriv',
      '--reuid=user',
      '--regid=user',
      '--clear-groups',
      'logger',
      '--tag',
      'postfix/smtpd',
      '--id',
      line,
    );
    expect(await server.must('journalctl', '--sync')).toBe('');
    await server.hit('forger4');
    await until('the later hit is banned', async () => CLIENTS.forger4 in (await server.bans()));
    expect(await server.ledger('SELECT DISTINCT address FROM hits ORDER BY address')).not.toContain(CLIENTS.honest4);
  });
});
