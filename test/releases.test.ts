// Checks that the configurations, filters and actions of each release can still be read.
// The files of a release are in test/fixtures/releases/VERSION/. They are never edited after the release.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig, type Config } from '../src/config/load.ts';
import { trapline } from './support/cli/command-line.ts';
import { hitLine } from './support/filters/lines.ts';

const RELEASES = join(import.meta.dirname, 'fixtures', 'releases');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const folder = mkdtempSync(join(tmpdir(), 'trapline-releases-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Patterns that a release accepted and that are refused today. `instead` is the pattern that the refusal proposes. */
const REFUSED: Readonly<Record<string, readonly { file: string; pattern: string; instead: string }[]>> = {
  '0.1.0': [
    {
      file: 'filters/own.yaml',
      pattern: '^<prefix>blocklist <blocklist> lists <client>',
      instead: '^<prefix>blocklist <blocklist> lists <client>$',
    },
  ],
};

const yamlIn = (path: string): readonly string[] => readdirSync(path).filter((name) => name.endsWith('.yaml'));

/**
 * Copies the files of a release, and returns the path of the copy. This path replaces `/etc/trapline` in the copied files. `uncommented.yaml`
 * is the sample with every option uncommented.
 */
function install(release: string): string {
  const copy = join(folder, release);
  cpSync(join(RELEASES, release), copy, { recursive: true });
  writeFileSync(join(copy, 'uncommented.yaml'), readFileSync(join(copy, 'sample.yaml'), 'utf8').replaceAll(/^# /gm, ''));
  for (const name of yamlIn(copy)) {
    const path = join(copy, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('/etc/trapline', copy));
  }
  return copy;
}

describe.each(readdirSync(RELEASES))('the files of release %s', (release) => {
  const copy = install(release);
  const refused = REFUSED[release] ?? [];

  it('are refused only because of the patterns in REFUSED, and each refusal proposes a pattern that is accepted', async () => {
    for (const { file, pattern, instead } of refused) {
      const path = join(copy, file);
      const before = await trapline(['check', '--files-only', '--config', join(copy, 'every-option.yaml')]);
      expect(before.code).toBe(78);
      expect(before.out).toContain(`write "${instead}"`);
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(`'${pattern}'`, () => `'${instead}'`),
      );
    }
  });

  it.each(yamlIn(copy))('include %s, which passes the check with filters and actions of the release', async (name) => {
    const { code, out, err } = await trapline(['check', '--files-only', '--config', join(copy, name)]);
    expect(out.split('\n').filter((line) => line !== '' && !line.endsWith(': ok'))).toEqual([]);
    // The only notices that are allowed are about options that were renamed after the release.
    expect(err.split('\n').filter((line) => line !== '' && !line.includes(' is the former name of '))).toEqual([]);
    expect(code).toBe(0);
  });

  it('still find the hit that they found in that release', async () => {
    writeFileSync(join(copy, 'mail.log'), `${hitLine()}\n`);
    const { code, out } = await trapline(['test', '--json', '--config', join(copy, 'short-forms.yaml'), join(copy, 'mail.log')]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ line: 1, hit: true, address: '192.0.2.10', jail: 'spamtrap', rule: 'recipient' });
  });
});

const load = (name: string): Config => loadConfig(join(RELEASES, '0.1.0', name));

describe('the options of release 0.1.0', () => {
  it('still have the meaning that they had in that release', () => {
    expect(load('every-option.yaml')).toMatchObject({
      sources: [
        { type: 'file', path: '/var/log/mail/*.log', from: 'end' },
        { type: 'file', path: '/var/log/mail.log', from: 'start' },
        { type: 'journal', postfixUid: 107 },
      ],
      state: '/var/lib/trapline/other.db',
      control: {
        socket: '/run/trapline/other.sock',
        mode: 0o600,
        group: 'mail',
        readers: { socket: '/run/trapline/readers.sock', group: 'monitor' },
      },
      actions: [
        { type: 'print', options: {} },
        { type: 'nftables', options: { ports: [25, 2525], block: 'reject', table: 'mailtraps' } },
        { type: '/etc/trapline/actions/tell.yaml', options: { file: 'traps' } },
      ],
      filtersFolder: '/etc/trapline/filters',
      actionsFolder: '/etc/trapline/actions',
      sync: 90_000,
      logLevel: 'notice',
      hitRetention: 28 * DAY,
      defaults: {
        maxretry: 2,
        findtime: HOUR,
        bantime: 2 * HOUR,
        increment: { factor: 1.5, max: 2 * DAY, forget: 7 * DAY },
        ipv4Prefix: 24,
        ipv6Prefix: 48,
        ignoreip: ['192.0.2.0/28', '2001:db8::/32', '/etc/trapline/friends.txt'],
      },
    });
  });

  it('still have the meaning that they had in that release, in a jail with every source and action', () => {
    const { jails } = load('every-option.yaml');
    expect(jails).toMatchObject([
      {
        name: 'trap',
        filter: 'postfix-spamtrap',
        settings: { text: 'triggers my trap' },
        rules: { client: false, data: true },
        maxretry: 1,
        findtime: 600_000,
        bantime: null,
        ipv4Prefix: 32,
        ipv6Prefix: 64,
        sources: 'all',
        actions: 'all',
      },
      { name: 'own', filter: '/etc/trapline/filters/own.yaml', maxretry: 2, sources: 'all', actions: 'all' },
    ]);
    expect(jails[0]?.ignoreip.slice(3)).toEqual(['198.51.100.7/32', '198.51.100.8/32']);
  });

  it('can be written in their short forms', () => {
    expect(load('short-forms.yaml')).toMatchObject({
      sources: [{ type: 'journal' }],
      actions: [{ type: 'iptables', options: { ports: 'all' } }],
      defaults: { bantime: null, ignoreip: ['192.0.2.1/32', '192.0.2.2/32'] },
      jails: [
        { name: 'spamtrap', filter: 'postfix-spamtrap' },
        { name: 'reject', filter: 'postfix-reject-trap' },
      ],
    });
  });
});
