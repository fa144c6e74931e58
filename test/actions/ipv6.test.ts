import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ipv6State } from '../../src/actions/ipv6.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-ipv6-'));
afterAll(() => rmSync(folder, { recursive: true }));

function proc(name: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, path, '..'), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}

describe('ipv6State', () => {
  it.each([
    ['on', { 'net/if_inet6': '', 'sys/net/ipv6/conf/all/disable_ipv6': '0\n' }, 'on'],
    ['off', { 'net/if_inet6': '', 'sys/net/ipv6/conf/all/disable_ipv6': '1\n' }, 'off'],
    ['hidden', { 'net/if_inet6': '' }, 'on'],
    ['none', { 'net/dev': '' }, 'none'],
  ])('reads the state of IPv6 from /proc: %s', (name, files, expected) => {
    expect(ipv6State(proc(name, files), 'linux')).toBe(expected);
  });

  it('returns "on" where /proc does not exist', () => {
    expect(ipv6State('/nonexistent', 'openbsd')).toBe('on');
  });
});
