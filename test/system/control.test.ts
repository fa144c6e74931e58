import { describe, expect, it } from 'vitest';
import { CLIENTS } from '../support/e2e/hosts.ts';
import type { Said } from '../support/system/machine.ts';
import { CONFIG, useMailServer } from '../support/system/mail-server.ts';

/** A transport of pipe(8) that bans the client of each mail. pipe(8) runs the command without the supplementary groups of the user. */
const PIPE = 'trapban unix - n n - - pipe flags=q user=nobody:trapline argv=/usr/bin/trapline ban ${client_address}\n';

/** The settings with which the hardened unit can give a socket to another group (docs/reliability.md). */
const READERS = '[Service]\nSupplementaryGroups=monitor\nRuntimeDirectoryMode=0755\nSystemCallFilter=@chown\n';

describe('the commands on a mail server', () => {
  const server = useMailServer('');

  const as = (user: string, ...argv: string[]): Promise<Said> =>
    server.machine.run('setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', ...argv);

  it('are carried out for members of the group `trapline`', async () => {
    await server.must('usermod', '--append', '--groups', 'trapline', 'user');
    expect(await as('user', 'trapline', 'ban', CLIENTS.neighbour4, '--for', '1h')).toMatchObject({ code: 0 });
    await server.lockedOut('neighbour4');
    expect((await as('user', 'trapline', 'bans')).stdout).toContain(CLIENTS.neighbour4);
    expect(await as('user', 'trapline', 'unban', CLIENTS.neighbour4)).toMatchObject({ code: 0 });
    await server.letIn('neighbour4');
  });

  it('are refused with one line when another user runs them', async () => {
    await server.must('useradd', 'stranger');
    const { code, stderr } = await as('stranger', 'trapline', 'ban', CLIENTS.neighbour4);
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 77, lines: 1 });
    expect(stderr).toMatch(/^trapline: \/run\/trapline\/control\.sock: .*group/);
    expect(await server.bans()).toEqual({});
  });

  it('change the ledger and the firewall themselves while the daemon is stopped', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await server.must('trapline', 'ban', CLIENTS.neighbour4, '--for', '1h');
    await server.lockedOut('neighbour4');
    await server.must('systemctl', 'start', 'trapline');
    expect(Object.keys(await server.bans())).toEqual([CLIENTS.neighbour4]);
    await server.must('trapline', 'unban', '--all');
    await server.letIn('neighbour4');
  });

  it('S05: are carried out for members of the group of readers if they change nothing', async () => {
    await server.must('groupadd', 'monitor');
    await server.must('useradd', '--groups', 'monitor', 'watcher');
    server.write('/etc/systemd/system/trapline.service.d/readers.conf', READERS);
    server.write(CONFIG, 'control: {readers: monitor}\n');
    await server.must('systemctl', 'daemon-reload');
    await server.must('systemctl', 'restart', 'trapline');
    expect(await as('watcher', 'trapline', 'status')).toMatchObject({ code: 0, stderr: '' });
    expect(await as('watcher', 'trapline', 'bans')).toMatchObject({ code: 0, stdout: 'no bans\n' });
    expect(await as('watcher', 'trapline', 'ban', CLIENTS.neighbour4)).toMatchObject({ code: 77, stdout: '' });
    expect(await as('stranger', 'trapline', 'status')).toMatchObject({ code: 77, stdout: '' });
    expect(await server.bans()).toEqual({});
    expect(await as('user', 'trapline', 'status')).toMatchObject({ code: 0 });
  });

  it('are carried out for a pipe transport of Postfix', async () => {
    await server.must('sh', '-c', `printf '%s' '${PIPE}' >>/etc/postfix/master.cf`);
    await server.must('postconf', '-e', 'transport_maps = inline:{pipe@example.com=trapban:}', 'local_recipient_maps =');
    await server.must('systemctl', 'restart', 'postfix');
    expect(await server.mail('honest4', 'pipe@example.com')).toMatch(/^(?:ok|blocked)/);
    await server.lockedOut('honest4');
  });
});
