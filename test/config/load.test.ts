import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { builtInConfig, loadConfig, parseConfig } from '../../src/config/load.ts';
import { refusal } from '../support/config/refusal.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const folder = mkdtempSync(join(tmpdir(), 'trapline-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('loadConfig', () => {
  it('returns the built-in configuration when there is no file', () => {
    const config = loadConfig(undefined, join(folder, 'nothing.yaml'));
    expect(config).toMatchObject({
      file: null,
      sources: 'auto',
      state: '/var/lib/trapline/trapline.db',
      control: { socket: '/run/trapline/control.sock', mode: 0o660, group: 'trapline' },
      actions: [{ type: 'auto', options: {} }],
      nat64: [],
      sync: 30_000,
      hitRetention: 90 * DAY,
      jails: [
        {
          name: 'spamtrap',
          filter: 'postfix-spamtrap',
          settings: {},
          rules: {},
          maxretry: 1,
          findtime: 600_000,
          bantime: HOUR,
          increment: { factor: 2, max: DAY, forget: 30 * DAY },
          ipv4Prefix: 32,
          ipv6Prefix: 64,
          ignoreip: [],
        },
      ],
    });
    expect(config.where(['sync'])).toBe('built-in configuration');
  });

  it('uses the built-in value of every option that a file does not set', () => {
    const path = write('empty.yaml', '# nothing yet\n');
    const { where: _, ...config } = loadConfig(path);
    const { where: __, ...builtIn } = builtInConfig();
    expect(config).toEqual({ ...builtIn, file: path });
  });

  it('reads the default file if it exists', () => {
    expect(loadConfig(undefined, write('default.yaml', 'sync: 1m\n')).sync).toBe(60_000);
  });

  it('K01: refuses an unknown key with its place and the nearest known key', () => {
    const path = write('k01.yaml', '# my own\nbantim: 1h\n');
    expect(refusal(() => loadConfig(path))).toBe(`${path}:2:1: unknown key "bantim", did you mean "bantime" under "defaults"?`);
    expect(refusal(() => parseConfig('bantim = 1h', 'trapline.yaml'))).toBe(
      'trapline.yaml:1:1: unknown key "bantim", did you mean "bantime" under "defaults"?; lines are written "key: value"',
    );
  });

  it.each([
    ['does not exist', () => join(folder, 'missing.yaml'), 'there is no such file, name a file with --config or omit --config'],
    ['is a folder', () => folder, 'is a folder, name the file in it'],
    ['is too big', () => write('big.yaml', Buffer.alloc(1_048_577, '#')), 'longer than 1024 KiB, this is not a configuration file'],
    ['never ends', () => '/dev/zero', 'longer than 1024 KiB, this is not a configuration file'],
  ])('refuses a named file that %s', (_, path, words) => {
    expect(refusal(() => loadConfig(path()))).toBe(`${path()}: ${words}`);
  });

  it('refuses a default file that exists but cannot be used, instead of using the built-in configuration', () => {
    expect(refusal(() => loadConfig(undefined, write('broken.yaml', 'jails: [\n')))).toMatch(/^\S+broken\.yaml:2:1: /);
    expect(refusal(() => loadConfig(undefined, folder))).toMatch(/is a folder/);
  });
});

describe('parseConfig', () => {
  it('returns the place of each option', () => {
    const { where } = parseConfig('sync: 1m\njails:\n  trap:\n    filter: /nowhere.yaml\n', 'f.yaml');
    expect(where(['jails', 'trap', 'filter'])).toBe('f.yaml:4:13');
    expect(where(['actions', 0])).toBe('f.yaml:1:1');
  });

  it.each([
    ['sources: mail.log', 'f:1:10: "sources": "mail.log" is neither "journal" nor an absolute path'],
    ['sources: 5', 'f:1:10: "sources": "auto", "journal", an absolute path or a list of them is expected'],
    [
      'sources: [{type: journal, foo: 1}]',
      'f:1:27: unknown key "foo", known keys: type, path, from, envelope, postfix_uid, containers',
    ],
    ['sources: [{path: /x}]', 'f:1:11: "type" of entry 1 of "sources": "type" must be "file" or "journal"'],
    ['sources: [/a, /a]', 'f:1:15: "/a" is listed twice, remove one'],
    ['state: trapline.db', 'f:1:8: "state": "trapline.db" is no absolute path, begin it with /'],
    ['control: {mode: 0660}', 'f:1:17: "control.mode": "660" is read as a decimal number, write it in quotes like \'0660\''],
    ['control: {mode: "0666"}', 'f:1:17: "control.mode": "0666" lets everybody on this machine ban and unban, end it with 0'],
    ['control: {mode: "0060"}', 'f:1:17: "control.mode": "0060" keeps the daemon\'s own user out, begin it with 06'],
    ['control: {mode: rw}', 'f:1:17: "control.mode": "rw" is no mode, write three octal digits like \'0660\''],
    ['control: 5', 'f:1:10: "control": a mapping is expected'],
    ['actions: []', 'f:1:10: the list has no action, so bans would have no effect; if that is intended, write "print"'],
    ['actions: [nftables, nftables]', 'f:1:21: "nftables" is listed twice, remove one'],
    ['actions: Nft', 'f:1:10: "actions": "Nft" is no name of an action and no absolute path'],
    ['actions: {type: nftables, ports: [0]}', 'f:1:35: entry 1 of "actions.ports": "0" is no whole number from 1 to 65535'],
    ['actions: {type: nftables, ports: 25}', 'f:1:34: "actions.ports": a list of ports, or "all", is expected'],
    ['actions: {type: nftables, block: deny}', 'f:1:34: "actions.block": "drop" or "reject" is expected'],
    ['sync: 0.5', 'f:1:7: "sync": "0.5" is no span of time, write it like 90s, 10m, 1h or 7d'],
    [
      'nat64: [192.0.2.0/24]',
      'f:1:9: entry 1 of "nat64": "192.0.2.0/24" is no prefix of a translator, write an IPv6 prefix of 32, 40, 48, 56, 64, 96 bits (RFC 6052)',
    ],
    ['sync: 2d', 'f:1:7: "sync": "2d" is too long, at most 1d is allowed'],
    ['log_level: loud', 'f:1:12: "log_level": one of debug, info, notice, warn, error is expected'],
    ['defaults: {bantime: 1x}', 'f:1:21: "defaults.bantime": "1x" is no span of time, write it like 10m, 1h, 7d or forever'],
    ['defaults:\n  bantime:\n', 'f:2:11: "defaults.bantime": nothing is no span of time, write it like 10m, 1h, 7d or forever'],
    ['defaults: {bantime: 0}', 'f:1:21: "defaults.bantime": "0" is too short, at least 1s is needed'],
    ['defaults: {ipv4_prefix: 7}', 'f:1:25: "defaults.ipv4_prefix": "7" is no whole number from 8 to 32'],
    ['defaults: {ipv6_prefix: 8}', 'f:1:25: "defaults.ipv6_prefix": "8" is no whole number from 16 to 128'],
    [
      'defaults: {ignoreip: 127.0.0.1/8 ::1}',
      'f:1:22: entry 1 of "defaults.ignoreip": "127.0.0.1/8": host bits set, did you mean "127.0.0.0/8"?',
    ],
    [
      'defaults: {ignoreip: [home.example.org]}',
      'f:1:23: entry 1 of "defaults.ignoreip": "home.example.org": not an address or network; write addresses, networks or absolute paths, names are not looked up',
    ],
    ['defaults: {findtime: 91d}', 'f:1:22: "findtime" is longer than "hit_retention", shorten "findtime" or raise "hit_retention"'],
    ['defaults: {bantime_max: 1m}', 'f:1:25: "bantime_max: 1m" is shorter than "bantime: 1h", raise "bantime_max" or leave it out'],
    [
      'defaults: {bantime_max: 2h}\njails: {a: {bantime: 3h}}',
      'f:1:25: "bantime_max: 2h" is shorter than "bantime: 3h", raise "bantime_max" or leave it out',
    ],
    ['jails: {manual: {}}', 'f:1:17: "jails.manual": is the name of bans by hand, choose another'],
    ['jails: {Ab: {}}', 'f:1:13: "jails.Ab": is no name for a jail, use a-z, 0-9 and hyphens'],
    ['jails: {__proto__: {}}', 'f:1:9: unknown key "__proto__"'],
    ['jails: {a: 5}', 'f:1:12: "jails.a": a mapping is expected'],
    ['jails: {a: {filter: ../x}}', 'f:1:21: "jails.a.filter": "../x" is no name of a filter and no absolute path'],
    ['jails: {a: {rules: {x: yes}}}', 'f:1:24: "jails.a.rules.x": "yes" is neither true nor false'],
    ['jails: {a: {text: "a\\nb"}}', 'f:1:19: "jails.a.text": "a\\u{a}b" holds characters that cannot be seen'],
    ['jails: {a: {maxretri: 1}}', 'f:1:13: unknown key "maxretri", did you mean "maxretry"?'],
    ['bantime: 1h', 'f:1:1: unknown key "bantime", did you mean "bantime" under "defaults"?'],
  ])('refuses %j', (text, message) => {
    expect(refusal(() => parseConfig(text, 'f'))).toBe(message);
  });

  it('returns a configuration, or throws an error of one line with a place, for any text', () => {
    const words = [
      'sources',
      'jails',
      'defaults',
      'actions',
      'bantime',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a',
      '*a',
      '"',
      '1h',
      '::1',
      '?',
      '|',
    ];
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (yaml) => {
        expect(refusal(() => parseConfig(yaml, 'f'))).toMatch(/^(?:not refused|f:\d+:\d+: [^\p{Cc}\p{Zl}]+)$/u);
      }),
      { numRuns: 500 },
    );
  });
});
