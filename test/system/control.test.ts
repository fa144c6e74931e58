import { describe, expect, it } from 'vitest';
import { CLIENTS } from '../support/e2e-hosts.ts';
import type { Said } from '../support/system-machine.ts';
import { useMailServer } from '../support/system-mail-server.ts';

/** A transport of pipe(8) that bans whoever mails an address: another way in than the log. It takes no further groups of the user. */
const PIPE = 'trapban unix - n n - - pipe flags=q user=trapban:trapline argv=/usr/bin/trapline ban ${client_address}\n';

describe('the commands on a mail server', () => {
  const server = useMailServer('');

  const as = (user: string, ...argv: string[]): Promise<Said> =>
    server.machine.run('setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', ...argv);

  it('are taken from members of the group, on the control socket', async () => {
    await server.must('usermod', '--append', '--groups', 'trapline', 'user');
    expect(await as('user', 'trapline', 'ban', CLIENTS.neighbour4, '--for', '1h')).toMatchObject({ code: 0 });
    await server.lockedOut('neighbour4');
    expect((await as('user', 'trapline', 'bans')).stdout).toContain(CLIENTS.neighbour4);
    expect(await as('user', 'trapline', 'unban', CLIENTS.neighbour4)).toMatchObject({ code: 0 });
    await server.letIn('neighbour4');
  });

  it('are refused to anybody else, in one line', async () => {
    await server.must('useradd', 'stranger');
    const { code, stderr } = await as('stranger', 'trapline', 'ban', CLIENTS.neighbour4);
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 77, lines: 1 });
    expect(stderr).toMatch(/^trapline: \/run\/trapline\/control\.sock: .*group/);
    expect(await server.bans()).toEqual({});
  });

  it('work on the ledger and the firewall when the daemon is down', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await server.must('trapline', 'ban', CLIENTS.neighbour4, '--for', '1h');
    await server.lockedOut('neighbour4');
    await server.must('systemctl', 'start', 'trapline');
    expect(Object.keys(await server.bans())).toEqual([CLIENTS.neighbour4]);
    await server.must('trapline', 'unban', '--all');
    await server.letIn('neighbour4');
  });

  it('are taken from a pipe transport of Postfix', async () => {
    await server.must('useradd', '--system', 'trapban');
    await server.must('sh', '-c', `printf '%s' '${PIPE}' >>/etc/postfix/master.cf`);
    await server.must('postconf', '-e', 'transport_maps = inline:{pipe@example.com=trapban:}', 'local_recipient_maps =');
    await server.must('systemctl', 'restart', 'postfix');
    expect(await server.mail('honest4', 'pipe@example.com')).toMatch(/^(?:ok|blocked)/);
    await server.lockedOut('honest4');
  });
});
