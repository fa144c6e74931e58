import { describe, expect, it } from 'vitest';
import { useMailServer } from '../support/system/mail-server.ts';

/** CAP_NET_ADMIN and CAP_NET_RAW (linux/capability.h: 12 and 13). */
const TWO_CAPABILITIES = '0000000000003000';

/** The greatest accepted rating of `systemd-analyze security`, in tenths. */
const EXPOSURE = 20;

describe('Trapline on a machine set up as the README describes', () => {
  const server = useMailServer('');

  /** The state of the process of the daemon, from /proc. */
  const kernelView = async (): Promise<Record<string, string>> => {
    const text = await server.must('cat', `/proc/${await server.unit('MainPID')}/status`);
    return Object.fromEntries(text.split('\n').map((line) => line.split(/:\s*/) as [string, string]));
  };

  /** Runs a program in the mount namespace of the daemon, with all rights of root. */
  const inItsView = async (...argv: string[]): ReturnType<typeof server.machine.run> =>
    server.machine.run('nsenter', `--target=${await server.unit('MainPID')}`, '--mount', ...argv);

  it('is active, follows the journal and has set up the firewall', async () => {
    expect(await server.unit('ActiveState')).toBe('active');
    const status = JSON.parse(await server.must('trapline', 'status', '--json')) as {
      readonly sources: readonly { name: string; state: string }[];
      readonly actions: readonly { name: string; state: string }[];
    };
    expect(status.sources).toMatchObject([{ name: 'journal', state: 'following' }]);
    expect(status.actions).toMatchObject([{ name: 'nftables', state: 'ok' }]);
    expect(await server.firewall()).toContain('table inet trapline');
    expect(await server.must('systemctl', '--failed', '--quiet')).toBe('');
  });

  it('has a configuration in which `trapline check` finds no fault', async () => {
    expect(await server.must('trapline', 'check')).not.toMatch(/refused|not loaded/);
  });

  it('runs as its own user, in the groups that may read logs, with two capabilities, and can get no further capability', async () => {
    const view = await kernelView();
    const user = (await server.must('id', '--user', 'trapline')).trim();
    const groups = (await server.must('getent', 'group', 'trapline', 'adm', 'systemd-journal')).trim().split('\n');
    expect(view['Uid']?.split('\t')).toEqual([user, user, user, user]);
    expect(new Set(view['Groups']?.trim().split(' '))).toEqual(new Set(groups.map((line) => line.split(':')[2])));
    expect(view).toMatchObject({ CapEff: TWO_CAPABILITIES, CapPrm: TWO_CAPABILITIES, CapBnd: TWO_CAPABILITIES });
    expect(view).toMatchObject({ NoNewPrivs: '1', Seccomp: '2' });
  });

  it.each(['/etc/trapline', '/etc', '/usr/lib/node_modules/trapline', '/var/log', '/var/spool/postfix', '/opt', '/boot', '/srv'])(
    'cannot write to %s, even with all rights of root',
    async (folder) => {
      expect(await inItsView('touch', `${folder}/probe`)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Read-only file system'),
      });
    },
  );

  it.each(['/var/lib/trapline', '/run/trapline'])('writes to %s, which no other user may enter', async (folder) => {
    expect(await inItsView('touch', `${folder}/probe`)).toMatchObject({ code: 0 });
    await server.must('rm', `${folder}/probe`);
    expect((await server.must('stat', '--format=%U:%G %a', folder)).trim()).toBe('trapline:trapline 750');
  });

  it('cannot see home folders, and has a /tmp of its own', async () => {
    await server.must('touch', '/tmp/of-others', '/home/of-others');
    expect((await inItsView('ls', '-A', '/tmp', '/home', '/root')).stdout).not.toContain('of-others');
  });

  it('is rated as 2.0 or better by systemd-analyze security', async () => {
    expect(await server.must('systemd-analyze', 'security', '--no-pager', `--threshold=${EXPOSURE}`, 'trapline')).toContain(
      'Overall',
    );
  });

  it('shows in a dry run how many hits a backfill of the journal would find', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await server.hit('spammer4');
    const backfill = 'journalctl --output=json | trapline backfill --dry-run -';
    expect(await server.must('sh', '-c', backfill)).toMatch(/1 hit\b/);
    expect(await server.ledger('SELECT * FROM hits')).toEqual([]);
    await server.must('systemctl', 'start', 'trapline');
    await server.lockedOut('spammer4');
  });
});
