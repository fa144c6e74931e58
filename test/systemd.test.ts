import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './support/privileges.ts';
import { CHECKOUT } from './support/source-tree.ts';

const UNIT = join(CHECKOUT, 'systemd', 'trapline.service');

/** The exposure that the README names, times ten. */
const EXPOSURE = 17;

describe('trapline.service', () => {
  const settings = readFileSync(UNIT, 'utf8').split('\n');

  it('S06: has two capabilities and its own user', () => {
    for (const setting of ['User=trapline', 'CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW', 'NoNewPrivileges=yes']) {
      expect(settings).toContain(setting);
    }
  });

  it('S03: may send no packet to anybody', () => {
    expect(settings).toContain('IPAddressDeny=any');
  });

  it('tells systemd when it is ready and is watched', () => {
    for (const setting of ['Type=notify', 'NotifyAccess=all', 'ExecReload=trapline reload']) expect(settings).toContain(setting);
    expect(settings.some((line) => /^WatchdogSec=\d+s$/.test(line))).toBe(true);
  });

  it.runIf(root)('is exposed as little as the README says, by the rating of systemd-analyze', () => {
    expect(readFileSync(join(CHECKOUT, 'README.md'), 'utf8')).toContain(`${EXPOSURE / 10} of 10`);
    const argv = ['security', '--offline=true', '--no-pager', `--threshold=${EXPOSURE}`, UNIT];
    expect(execFileSync('systemd-analyze', argv, { encoding: 'utf8' })).toContain('Overall exposure level');
  });
});
