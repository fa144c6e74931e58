import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../src/errors.ts';
import { root } from './support/privileges.ts';
import { CHECKOUT } from './support/source-tree.ts';

const UNIT = join(CHECKOUT, 'systemd', 'trapline.service');

/** Ten times the exposure level in the README. */
const EXPOSURE = 17;

describe('trapline.service', () => {
  const settings = readFileSync(UNIT, 'utf8').split('\n');

  it('S06: runs as its own user with two capabilities', () => {
    for (const setting of ['User=trapline', 'CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW', 'NoNewPrivileges=yes']) {
      expect(settings).toContain(setting);
    }
  });

  it('S03: forbids every IP packet', () => {
    expect(settings).toContain('IPAddressDeny=any');
  });

  it('waits for the ready notification, can be reloaded, and has a watchdog', () => {
    for (const setting of ['Type=notify', 'NotifyAccess=all', 'ExecReload=trapline reload --quiet'])
      expect(settings).toContain(setting);
    expect(settings.some((line) => /^WatchdogSec=\d+s$/.test(line))).toBe(true);
  });

  it('C9: is not started again with a wrong command line, a ledger that cannot be used, or a wrong configuration', () => {
    expect(settings).toContain(`RestartPreventExitStatus=${EXIT.usage} ${EXIT.ledger} ${EXIT.config}`);
  });

  it.each([/^LimitNOFILE=\d+$/, /^MemoryMax=\d+G$/, /^TasksMax=\d+$/])(
    'has the limit %s below a comment with its reason',
    (limit) => {
      const index = settings.findIndex((line) => limit.test(line));
      expect(index).toBeGreaterThan(0);
      expect(settings[index - 1]).toMatch(/^# /);
    },
  );

  it.runIf(root)('has at most the exposure level in the README, according to systemd-analyze', () => {
    expect(readFileSync(join(CHECKOUT, 'README.md'), 'utf8')).toContain(`${EXPOSURE / 10} of 10`);
    const argv = ['security', '--offline=true', '--no-pager', `--threshold=${EXPOSURE}`, UNIT];
    expect(execFileSync('systemd-analyze', argv, { encoding: 'utf8' })).toContain('Overall exposure level');
  });
});
