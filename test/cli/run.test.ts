import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchPlace, trapline, type Ran } from '../support/command-line.ts';
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

  it('tells its version', async () => {
    expect(await trapline(['--version'])).toEqual({ code: 0, out: '0.0.0\n', err: '' });
  });

  it.each([
    [['bann', '192.0.2.1'], 'did you mean `ban`'],
    [['ban', '192.0.2.1', '--forevr'], '--forever'],
    [['ban'], 'Expected at least 1 argument'],
    [['ban', '-s'], '-s'],
    [['ban', '192.0.2.1', '--for', 'soon'], '"soon" is no span of time, write it like 90s, 10m, 2h or 7d'],
    [['ban', '192.0.2.1', '--for', '1h', '--forever'], '--for and --forever exclude each other'],
    [['unban'], 'name the networks to unban, or --all'],
    [['unban', '192.0.2.1', '--all'], 'name the networks to unban, or --all'],
    [['test', 'x', '--format', 'sylog'], 'syslog'],
    [['backfill', 'x', '--since', 'yesterday'], '"yesterday" is no moment'],
  ])('refuses %j as a mistake of usage', async (words, advice) => {
    const { code, out, err } = await trapline(words);
    expect([code, out]).toEqual([64, '']);
    expect(err).toContain(advice);
  });

  it('K01: says where an unknown key of the configuration is, and which was meant', async () => {
    writeFileSync(place.at('bad.yaml'), 'defaults:\n  bantim: 1h\n');
    for (const words of [['status'], ['bans'], ['check'], ['run'], ['ban', '192.0.2.1']]) {
      const { code, out, err } = await trapline([...words, '--config', place.at('bad.yaml')]);
      expect([code, out]).toEqual([78, '']);
      expect(err).toBe(`trapline: ${place.at('bad.yaml')}:2:3: unknown key "bantim", did you mean "bantime"?\n`);
    }
  });

  it('says that no daemon answers', async () => {
    const { code, err } = await trapline(['status', '--socket', place.at('none.sock')]);
    expect(code).toBe(69);
    expect(err).toMatch(/^trapline: .*none\.sock: no daemon answers, start it with .*\n$/);
  });
});

/** Everything below a folder, with the size of each file. */
function contents(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${lstatSync(join(folder, name)).size}`)
    .toSorted();
}

describe('a command that cannot do what it was asked', () => {
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
  const log = put('mail.log', 'Nov 25 00:03:16 mx postfix/smtpd[1]: connect from x[192.0.2.1]\n');
  put('cut.gz', gzipSync('x'.repeat(1000)).subarray(0, 20));
  put('damaged.gz', Buffer.concat([gzipSync(randomBytes(1000)).subarray(0, 500), randomBytes(600)]));
  put('cut.xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00]));
  put('log.zip', 'PK\u0003\u0004');
  put('text', 'no database\n'.repeat(100));
  put('binary.yaml', randomBytes(10_000));
  truncateSync(put('huge.yaml', ''), 5_000_000_000);
  execFileSync('mkfifo', [files.at('fifo')]);
  symlinkSync('loop', files.at('loop'));
  symlinkSync('nowhere', files.at('dangling'));
  const named = (name: string): string[] => ['--config', files.at(name)];
  const saying = (name: string, text: string): string[] => ['--config', put(name, `${places}${text}`)];

  /** Runs it, with the configuration of this place unless another is named; says what else there is afterwards. */
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
    ['host bits', ['ban', '192.0.2.7/24'], 64, 'did you mean "192.0.2.0/24"?; nothing was banned'],
    ['S07: a command behind an address', ['ban', '1.2.3.4; rm'], 64, '"1.2.3.4; rm": not an address or network'],
    ['S07: an option of another program', ['ban', '-s'], 64, 'No alias registered for -s'],
    ['S07: an option behind the end of options', ['ban', '--', '-s'], 64, '"-s": not an address or network'],
    ['an address with a zone', ['ban', 'fe80::1%eth0'], 64, 'not an address or network'],
    ['an address in octal', ['ban', '0300.0.2.1'], 64, 'not an address or network'],
    ['half of an address', ['ban', '192.0.2'], 64, 'not an address or network'],
    ['a host name', ['ban', 'mail.example.org'], 64, 'not an address or network'],
    ['nothing, from a variable that is not set', ['ban', ''], 64, '"": not an address or network'],
    ['an address among others', ['ban', '192.0.2.1', '192.0.2.300', '192.0.2.2'], 64, '"192.0.2.300"'],
    ['a prefix that is too long', ['ban', '192.0.2.0/33'], 64, 'prefix length out of range'],
    ['all of the internet', ['ban', '0.0.0.0/0'], 64, 'is never banned; nothing was banned'],
    ['loopback, by force', ['ban', '::1', '--force'], 64, 'is never banned'],
    ['an allow-listed address', ['ban', '198.51.100.7'], 64, 'is allow-listed, take it off the list or use --force'],
    ['a span of time of nothing', ['ban', '192.0.2.1', '--for', '0s'], 64, '"0s" is no span of time'],
    ['a negative span of time', ['ban', '192.0.2.1', '--for=-1h'], 64, '"-1h" is no span of time'],
    ['two spans of time', ['ban', '192.0.2.1', '--for', '1h', '--for', '2h'], 64, 'for'],
    ['no address at all', ['ban'], 64, 'Expected at least 1 argument'],
    ['an unban of nothing', ['unban'], 64, 'name the networks to unban, or --all'],
    ['an unban of text', ['unban', 'everybody'], 64, '"everybody": not an address or network; nothing was lifted'],
    ['a listing of text', ['bans', 'all'], 64, '"all": not an address or network; nothing was listed'],
    ['a listing of two networks', ['bans', '192.0.2.1', '192.0.2.2'], 64, 'Too many arguments'],
    ['an unknown command', ['bam', '192.0.2.1'], 64, 'did you mean `ban`'],
    ['an unknown flag', ['ban', '192.0.2.1', '--forevr'], 64, '--forever'],
    ['a number too large for a date', ['backfill', log, '--since', '999999-01-01'], 64, 'is no moment'],
    ['no name of a file', ['test', ''], 64, '"" is no name of a file'],
    ['no name of a ledger', ['bans', '--state', ''], 64, '"" is no name of a file'],
    ['no daemon to ask', ['status'], 69, 'no daemon answers, start it with "systemctl start trapline"'],
    ['no daemon to reload', ['reload'], 69, 'no daemon answers'],
  ] as const)('says so of %s', async (_, words, code, text) => {
    const ran = await run(words);
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toContain(text);
  });

  it.each([
    ['an empty one', '', 'no network on it'],
    ['one of comments', '# none\n\n', 'no network on it'],
    [
      'one bad line among good ones',
      '192.0.2.1\n192.0.2.1; rm -rf /\n192.0.2.2\n',
      '"192.0.2.1; rm -rf /": not an address or network',
    ],
    ['binary', '\u0000\u0001\u001b[2J\n', '"\\u{0}\\u{1}\\u{1b}[2J": not an address or network'],
    ['one long line', `${'9'.repeat(1_000_000)}\n`, 'not an address or network'],
  ])('says so of a list on standard input: %s', async (_, input, text) => {
    const ran = await run(['ban', '-'], input);
    expect([ran.code, ran.out]).toEqual([64, '']);
    expect(ran.err).toContain(text);
  });

  const logs: readonly (readonly [what: string, name: string, text: string])[] = [
    ['that is not there', 'missing', 'no such file'],
    ['that is a folder', 'folder', 'is a directory, name the files in it'],
    ['that is a pipe', 'fifo', 'is not a regular file'],
    ['that is a link to itself', 'loop', 'ELOOP'],
    ['that is a link to nowhere', 'dangling', 'no such file'],
    ['below a file', 'mail.log/x', 'no such file'],
    ['that ends too early', 'cut.gz', 'the gzip file ends in the middle, after 20 bytes'],
    ['P29: that is damaged', 'damaged.gz', 'the gzip file is damaged'],
    ['P29: that its own program cannot unpack', 'cut.xz', 'is damaged or ends too early (xz: exit code 1'],
    ['P29: in a form that is not read', 'log.zip', 'is zip, which is not read; unpack it first: unzip -p'],
  ];
  it.each(logs.flatMap((row) => ['test', 'backfill'].map((command) => [command, ...row] as const)))(
    '%s says so of a log %s',
    async (command, _, name, text) => {
      const ran = await run([command, files.at(name), ...(command === 'backfill' ? ['--dry-run'] : [])]);
      expect([ran.code, ran.out]).toEqual([65, '']);
      expect(ran.err).toContain(text);
    },
  );

  it('backfill reads nothing and bans nobody when one of its files is not there', async () => {
    expect(await run(['backfill', log, files.at('missing')])).toMatchObject({ code: 65, out: '' });
  });

  it.each([
    ['that is not there', () => named('none.yaml'), 'none.yaml: there is no such file'],
    ['that is a folder', () => named('folder'), 'folder: is a folder, name the file in it'],
    ['that is a pipe', () => named('fifo'), 'fifo: is a pipe, name a file'],
    ['that is binary', () => named('binary.yaml'), 'binary.yaml:'],
    ['that is huge', () => named('huge.yaml'), 'huge.yaml: above 1024 KiB'],
    ['that never ends', () => ['--config', '/dev/zero'], '/dev/zero: above 1024 KiB'],
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
    ['with a filter that never ends', () => saying('e.yaml', 'jails: {a: {filter: /dev/zero}}\n'), '/dev/zero: above 1024 KiB'],
    ['with an unknown rule', () => saying('f.yaml', 'jails: {a: {rules: {recipent: false}}}\n'), 'did you mean "recipient"?'],
    [
      'with a list that is not there',
      () => saying('g.yaml', `defaults: {ignoreip: [${files.at('none')}]}\n`),
      'none: cannot be read',
    ],
    [
      'with a list that is none',
      () => saying('h.yaml', `defaults: {ignoreip: [${files.at('text')}]}\n`),
      'text:1:1: "no database"',
    ],
    [
      'with a list that is a pipe',
      () => saying('i.yaml', `defaults: {ignoreip: [${files.at('fifo')}]}\n`),
      'fifo: not a regular file',
    ],
  ])('says so of a configuration %s', async (_, flags, text) => {
    for (const words of [['test', log], ['backfill', log], ['check'], ['run']]) {
      const ran = await run([...words, ...flags()]);
      expect(ran.code).toBe(78);
      expect(ran.out + ran.err).toContain(text);
    }
  });

  it.each([
    ['that is a folder', 'folder', ['ban', '192.0.2.1'], 69],
    ['that is a folder', 'folder', ['bans'], 69],
    ['that is a folder', 'folder', ['run'], 69],
    ['that is no database', 'text', ['run'], 69],
    ['that is no database', 'text', ['ban', '192.0.2.1'], 69],
    ['that is no database', 'text', ['bans'], 69],
    ['that is no database', 'text', ['backfill', log, '--dry-run'], 69],
    ['below a file', 'text/x.db', ['unban', '--all'], 69],
    ['below a folder that is not there and cannot be made', '../proc/x/y.db', ['ban', '192.0.2.1'], 69],
  ])('says so of a ledger %s: %s %j', async (_, name, words, code) => {
    const ran = await run([...words, '--state', name.startsWith('..') ? name.slice(2) : files.at(name)]);
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toMatch(/^trapline: \S+: cannot be opened: .+, \S/);
  });

  it.each([
    ['a file that is no socket', 'text', 69],
    ['a name that is too long', 'x'.repeat(200), 69],
  ])('says so of %s where the socket should be', async (_, name, code) => {
    const ran = await run(['status', '--socket', files.at(name)]);
    expect([ran.code, ran.out]).toEqual([code, '']);
  });

  describe.runIf(root)('because this user may not', () => {
    const NOBODY = 65_534;
    mkdirSync(files.at('closed'));
    writeFileSync(files.at('closed/file'), 'x');
    chmodSync(files.at('closed'), 0o700);
    chmodSync(put('secret', 'x'), 0o600);
    it.each([
      ['read a log', () => ['test', files.at('secret')]],
      ['enter the folder of a log', () => ['backfill', files.at('closed/file'), '--dry-run']],
      ['read the configuration', () => ['check', '--config', files.at('secret')]],
      [
        'read a list of allowed addresses',
        () => ['ban', '192.0.2.1', ...saying('l.yaml', `defaults: {ignoreip: [${files.at('secret')}]}\n`)],
      ],
      ['read a filter', () => ['test', log, ...saying('m.yaml', `jails: {a: {filter: ${files.at('secret')}}}\n`)]],
      ['write the ledger', () => ['ban', '192.0.2.1', '--state', files.at('secret')]],
      ['make the ledger', () => ['ban', '192.0.2.1', '--state', files.at('new.db')]],
      ['make the folder of the ledger', () => ['unban', '--all', '--state', files.at('new/new.db')]],
      ['read the ledger', () => ['bans', '--state', files.at('secret')]],
      ['look for the ledger', () => ['bans', '--state', files.at('closed/trapline.db')]],
      ['rehearse on the ledger', () => ['backfill', log, '--dry-run', '--state', files.at('closed/trapline.db')]],
    ])('%s', async (_, words) => {
      const ran = await run(words(), '', NOBODY);
      expect([ran.code, ran.out]).toEqual([77, '']);
    });
  });
});
