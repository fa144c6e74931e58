import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchPlace, trapline, type Ran } from '../support/cli/command-line.ts';
import { root } from '../support/privileges.ts';

const place = scratchPlace();
afterAll(() => place.remove());

describe('trapline', () => {
  it('lists its commands', async () => {
    const { code, out } = await trapline(['--help']);
    expect(code).toBe(0);
    for (const command of ['run', 'backfill', 'ban', 'unban', 'bans', 'status', 'reload', 'check', 'test']) {
      expect(out).toMatch(new RegExp(`^ *${command} `, 'm'));
    }
  });

  it('prints its version', async () => {
    expect(await trapline(['--version'])).toEqual({ code: 0, out: '0.0.0\n', err: '' });
  });

  it.each([
    [['bann', '203.0.113.1'], 'did you mean "ban"?'],
    [['ban', '203.0.113.1', '--forevr'], '--forever'],
    [['ban'], 'which network? trapline ban 203.0.113.7 --for 2h'],
    [['ban', '-s'], '-s'],
    [['ban', '203.0.113.1', '--for', 'soon'], 'trapline: --for soon: no span of time, write it like 90s, 10m, 2h or 7d'],
    [['ban', '203.0.113.1', '--for', '1h', '--forever'], '--for and --forever exclude each other'],
    [['unban'], 'name the networks to unban, or --all'],
    [['unban', '203.0.113.1', '--all'], 'name the networks to unban, or --all'],
    [['test', 'x', '--format', 'sylog'], 'syslog'],
    [['backfill', 'x', '--since', '2026-02-30'], '--since 2026-02-30: no moment'],
    [['backfill', 'x', '--until', '2026-11-31T08:00:00Z'], '--until 2026-11-31T08:00:00Z: no moment'],
    [['backfill', 'x', '--since', 'yesterday'], 'trapline: --since yesterday: no moment, write it like'],
  ])('refuses %j as a usage error', async (words, advice) => {
    const { code, out, err } = await trapline(words);
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain(advice);
  });

  it('K01: prints the place of an unknown configuration key, and the nearest known key', async () => {
    writeFileSync(place.at('bad.yaml'), 'defaults:\n  bantim: 1h\n');
    for (const words of [['status'], ['bans'], ['run'], ['ban', '203.0.113.1']]) {
      const { code, out, err } = await trapline([...words, '--config', place.at('bad.yaml')]);
      expect([code, out]).toEqual([78, '']);
      expect(err).toBe(`trapline: ${place.at('bad.yaml')}:2:3: unknown key "bantim", did you mean "bantime"?\n`);
    }
  });

  it('reports that no daemon answers', async () => {
    const { code, err } = await trapline(['reload', '--socket', place.at('none.sock')]);
    expect(code).toBe(69);
    expect(err).toMatch(/^trapline: .*none\.sock: no daemon answers, start it with .*\n$/);
  });
});

/** All files and folders below a folder, with the size of each file. */
function contents(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${lstatSync(join(folder, name)).size}`)
    .toSorted();
}

describe('a command that fails', () => {
  const files = scratchPlace();
  chmodSync(files.folder, 0o755);
  afterAll(() => files.remove());
  const put = (name: string, content: string | Buffer): string => {
    writeFileSync(files.at(name), content);
    return files.at(name);
  };
  const places = `actions: [print]\nstate: ${files.at('trapline.db')}\ncontrol: {socket: ${files.at('none.sock')}}\n`;
  const config = put('trapline.yaml', `${places}defaults: {ignoreip: [198.51.100.7]}\n`);
  mkdirSync(files.at('folder'));
  const log = put('mail.log', 'Nov 25 00:03:16 mx postfix/smtpd[1]: connect from x[203.0.113.1]\n');
  put('cut.gz', gzipSync('x'.repeat(1000)).subarray(0, 20));
  put('damaged.gz', Buffer.concat([gzipSync(randomBytes(1000)).subarray(0, 500), randomBytes(600)]));
  put('cut.xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00]));
  put('log.zip', 'PK\u0003\u0004');
  put('text', 'no database\n'.repeat(100));
  execFileSync('sqlite3', [
    files.at('newer.db'),
    'PRAGMA application_id = 0x54524150; PRAGMA user_version = 99; CREATE TABLE x (y)',
  ]);
  put('binary.yaml', randomBytes(10_000));
  truncateSync(put('huge.yaml', ''), 5_000_000_000);
  execFileSync('mkfifo', [files.at('fifo')]);
  symlinkSync('loop', files.at('loop'));
  symlinkSync('nowhere', files.at('dangling'));
  const named = (name: string): string[] => ['--config', files.at(name)];
  const saying = (name: string, text: string): string[] => ['--config', put(name, `${places}${text}`)];

  /** Runs a command, by default with `config`. Checks that the command changes no file, and that its error message is one line. */
  async function run(words: readonly string[], input?: string, uid = process.getuid?.() ?? 0): Promise<Ran> {
    const before = contents(files.folder);
    const flags = words.includes('--config') ? [] : ['--config', config];
    process.seteuid?.(uid);
    const ran = await trapline([...words, ...flags], input).finally(() => process.seteuid?.(process.getuid?.() ?? 0));
    expect(contents(files.folder)).toEqual(before);
    expect(ran.err).toMatch(/^trapline: [^\n]+\n$/);
    return ran;
  }

  it.each([
    ['N03: a network in two words', ['ban', '14.160.0.0', '/11'], 64, '"/11": not an address or network'],
    ['a network with host bits', ['ban', '192.0.2.7/24'], 64, 'did you mean "192.0.2.0/24"?; nothing was banned'],
    ['S07: a command after an address', ['ban', '1.2.3.4; rm'], 64, '"1.2.3.4; rm": not an address or network'],
    ['S07: an option of another program', ['ban', '-s'], 64, '"-s" is no option of "ban"'],
    ['S07: an option after "--"', ['ban', '--', '-s'], 64, '"-s": not an address or network'],
    [
      'a reason that is too long',
      ['ban', '192.0.2.7', '--reason', 'x'.repeat(501)],
      64,
      'the reason has 501 characters, at most 500',
    ],
    ['an IPv6 address with a zone', ['ban', 'fe80::1%eth0'], 64, 'fe80::/10 (link-local) is never banned'],
    ['an address in octal notation', ['ban', '0300.0.2.1'], 64, 'not an address or network'],
    ['an incomplete address', ['ban', '192.0.2'], 64, 'not an address or network'],
    ['a host name', ['ban', 'mail.example.org'], 64, 'not an address or network'],
    ['an empty word, such as an unset shell variable', ['ban', ''], 64, '"": not an address or network'],
    ['a bad address among good addresses', ['ban', '203.0.113.1', '192.0.2.300', '192.0.2.2'], 64, '"192.0.2.300"'],
    ['a prefix that is too long', ['ban', '192.0.2.0/33'], 64, 'prefix length out of range'],
    ['the whole Internet', ['ban', '0.0.0.0/0'], 64, 'is never banned; nothing was banned'],
    ['loopback, with --force', ['ban', '::1', '--force'], 64, 'is never banned'],
    ['an allow-listed address', ['ban', '198.51.100.7'], 64, 'is allow-listed, take it off the list or use --force'],
    ['a span of time of zero', ['ban', '203.0.113.1', '--for', '0s'], 64, '--for 0s: no span of time'],
    ['a negative span of time', ['ban', '203.0.113.1', '--for=-1h'], 64, '--for -1h: no span of time'],
    ['two spans of time', ['ban', '203.0.113.1', '--for', '1h', '--for', '2h'], 64, '--for is given twice'],
    ['no address at all', ['ban'], 64, 'which network?'],
    ['an unban without a network', ['unban'], 64, 'name the networks to unban, or --all'],
    [
      'an unban of a text that is no network',
      ['unban', 'everybody'],
      64,
      '"everybody": not an address or network; nothing was lifted',
    ],
    ['a listing for a text that is no network', ['bans', 'all'], 64, '"all": not an address or network; nothing was listed'],
    ['a listing for two networks', ['bans', '203.0.113.1', '192.0.2.2'], 64, '"192.0.2.2" is one argument too many'],
    ['an unknown command', ['bam', '203.0.113.1'], 64, 'did you mean "ban"?'],
    ['an unknown flag', ['ban', '203.0.113.1', '--forevr'], 64, '--forever'],
    ['a number too large for a date', ['backfill', log, '--since', '999999-01-01'], 64, '--since 999999-01-01: no moment'],
    ['an empty file name', ['test', ''], 64, 'file "": not a file name'],
    ['an empty name of a ledger', ['bans', '--state', ''], 64, '--state "": not a file name'],
    ['a reload without a daemon', ['reload'], 69, 'no daemon answers'],
  ] as const)('reports the reason for %s', async (_, words, code, text) => {
    const ran = await run(words);
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toContain(text);
  });

  it.each([
    ['an empty list', '', 'no network in it'],
    ['a list with only comments', '# none\n\n', 'no network in it'],
    ['one bad line among good lines', '203.0.113.1\n203.0.113.1; id\n192.0.2.2\n', '"203.0.113.1; id": not an address or network'],
    ['binary data', '\u0000\u0001\u001b[2J\n', '"\\u{0}\\u{1}\\u{1b}[2J": not an address or network'],
    ['one long line', `${'9'.repeat(1_000_000)}\n`, 'not an address or network'],
  ])('reports the reason for a bad list on standard input: %s', async (_, input, text) => {
    const ran = await run(['ban', '-'], input);
    expect([ran.code, ran.out]).toEqual([64, '']);
    expect(ran.err).toContain(text);
  });

  const logs: readonly (readonly [what: string, name: string, text: string])[] = [
    ['that does not exist', 'missing', 'no such file'],
    ['that is a folder', 'folder', 'is a directory, name the files in it'],
    ['that is a pipe', 'fifo', 'is not a regular file'],
    ['that is a link to itself', 'loop', 'ELOOP'],
    ['that is a dangling link', 'dangling', 'no such file'],
    ['below a file', 'mail.log/x', 'no such file'],
    ['that ends too early', 'cut.gz', 'the gzip file ends in the middle, after 20 bytes'],
    ['P29: that is damaged', 'damaged.gz', 'the gzip file is damaged'],
    ['P29: that xz cannot unpack', 'cut.xz', 'is damaged or ends too early (xz: exit code 1'],
    ['P29: in a format that is not supported', 'log.zip', 'is zip, which is not read; unpack it first: unzip -p'],
  ];
  it.each(logs.flatMap((row) => ['test', 'backfill'].map((command) => [command, ...row] as const)))(
    'reports the reason when `%s` gets a log %s',
    async (command, _, name, text) => {
      const ran = await run([command, files.at(name), ...(command === 'backfill' ? ['--dry-run'] : [])]);
      expect([ran.code, ran.out]).toEqual([65, '']);
      expect(ran.err).toContain(text);
    },
  );

  it('reads no log and bans no client when one of the files of a backfill is missing', async () => {
    expect(await run(['backfill', log, files.at('missing')])).toMatchObject({ code: 65, out: '' });
  });

  it.each([
    ['that does not exist', () => named('none.yaml'), 'none.yaml: there is no such file'],
    ['that is a folder', () => named('folder'), 'folder: is a folder, name the file in it'],
    ['that is a pipe', () => named('fifo'), 'fifo: is a pipe, name a file'],
    ['that is binary', () => named('binary.yaml'), 'binary.yaml:'],
    ['that is huge', () => named('huge.yaml'), 'huge.yaml: longer than 1024 KiB'],
    ['that never ends', () => ['--config', '/dev/zero'], '/dev/zero: longer than 1024 KiB'],
    ['that is no YAML', () => saying('a.yaml', 'jails: [\n'), 'a.yaml:5:1: '],
    [
      'K01: with an unknown key',
      () => saying('b.yaml', 'bantim: 1h\n'),
      'b.yaml:4:1: unknown key "bantim", did you mean "bantime" under',
    ],
    [
      'with an unknown filter',
      () => saying('c.yaml', 'jails: {a: {filter: postfix-spamtrp}}\n'),
      'did you mean "postfix-spamtrap"?',
    ],
    ['with a filter that is a folder', () => saying('d.yaml', `jails: {a: {filter: ${files.folder}}}\n`), 'EISDIR'],
    [
      'with a filter that never ends',
      () => saying('e.yaml', 'jails: {a: {filter: /dev/zero}}\n'),
      '/dev/zero: longer than 1024 KiB',
    ],
    ['with an unknown rule', () => saying('f.yaml', 'jails: {a: {rules: {recipent: false}}}\n'), 'did you mean "recipient"?'],
    ['with a missing list', () => saying('g.yaml', `defaults: {ignoreip: [${files.at('none')}]}\n`), 'none: cannot be read'],
    [
      'with a list that is no text file',
      () => saying('h.yaml', `defaults: {ignoreip: [${files.at('text')}]}\n`),
      'text:1:1: "no database"',
    ],
    [
      'with a list that is a pipe',
      () => saying('i.yaml', `defaults: {ignoreip: [${files.at('fifo')}]}\n`),
      'fifo: not a regular file',
    ],
  ])('reports the reason for a configuration %s', async (_, flags, text) => {
    for (const words of [['test', log], ['backfill', log], ['check'], ['run']]) {
      const ran = await run([...words, ...flags()]);
      expect(ran.code).toBe(78);
      expect(ran.out + ran.err).toContain(text);
    }
  });

  it.each([
    ['that is a folder', 'folder', ['ban', '203.0.113.1'], 69],
    ['that is a folder', 'folder', ['bans'], 69],
    ['that is a folder', 'folder', ['run'], 69],
    ['that is no database', 'text', ['run'], 72],
    ['that is no database', 'text', ['ban', '203.0.113.1'], 72],
    ['that is no database', 'text', ['bans'], 72],
    ['that is no database', 'text', ['backfill', log, '--dry-run'], 72],
    ['that a newer Trapline has written', 'newer.db', ['run'], 72],
    ['that a newer Trapline has written', 'newer.db', ['unban', '--all'], 72],
    ['below a file', 'text/x.db', ['unban', '--all'], 69],
    ['below a missing folder that cannot be created', '../proc/x/y.db', ['ban', '203.0.113.1'], 69],
  ])('reports the reason for a ledger %s: %s %j', async (_, name, words, code) => {
    const ran = await run([...words, '--state', name.startsWith('..') ? name.slice(2) : files.at(name)]);
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toMatch(
      /^trapline: \S+: (?:cannot be opened: .+|written by a newer Trapline \(schema 99, this program knows \d+\)), \S/,
    );
  });

  it.each([
    ['a file that is no socket', 'text', 69],
    ['a name that is too long', 'x'.repeat(200), 69],
  ])('reports the reason for %s at the path of the socket', async (_, name, code) => {
    const ran = await run(['reload', '--socket', files.at(name)]);
    expect([ran.code, ran.out]).toEqual([code, '']);
  });

  describe.runIf(root)('because of a missing permission', () => {
    const NOBODY = 65_534;
    mkdirSync(files.at('closed'));
    writeFileSync(files.at('closed/file'), 'x');
    chmodSync(files.at('closed'), 0o700);
    chmodSync(put('secret', 'x'), 0o600);
    mkdirSync(files.at('shown'));
    copyFileSync(resolve(import.meta.dirname, '../fixtures/releases/0.1.0/trapline.db'), files.at('shown/trapline.db'));
    chmodSync(files.at('shown/trapline.db'), 0o644);
    it.each([
      ['read a log', () => ['test', files.at('secret')]],
      ['enter the folder of a log', () => ['backfill', files.at('closed/file'), '--dry-run']],
      ['read the configuration', () => ['check', '--config', files.at('secret')]],
      [
        'read a list of allowed addresses',
        () => ['ban', '203.0.113.1', ...saying('l.yaml', `defaults: {ignoreip: [${files.at('secret')}]}\n`)],
      ],
      ['read a filter', () => ['test', log, ...saying('m.yaml', `jails: {a: {filter: ${files.at('secret')}}}\n`)]],
      ['write the ledger', () => ['ban', '203.0.113.1', '--state', files.at('secret')]],
      ['write the ledger that it may read', () => ['ban', '203.0.113.1', '--state', files.at('shown/trapline.db')]],
      ['create the ledger', () => ['ban', '203.0.113.1', '--state', files.at('new.db')]],
      ['create the folder of the ledger', () => ['unban', '--all', '--state', files.at('new/new.db')]],
      ['read the ledger', () => ['bans', '--state', files.at('secret')]],
      ['enter the folder of the ledger', () => ['bans', '--state', files.at('closed/trapline.db')]],
      ['copy the ledger for a dry run', () => ['backfill', log, '--dry-run', '--state', files.at('closed/trapline.db')]],
    ])('ends with exit code 77 when its user may not %s', async (_, words) => {
      const ran = await run(words(), '', NOBODY);
      expect([ran.code, ran.out]).toEqual([77, '']);
      expect(ran.err).toMatch(/^trapline: [^\n]+\n$/);
    });
  });
});
