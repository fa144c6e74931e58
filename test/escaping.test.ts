import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trapline } from './support/cli/command-line.ts';
import { askRaw, bodyIn, get, openRaw, post } from './support/http/raw.ts';
import { until } from './support/until.ts';
import { InnerDaemon } from './support/hostile/daemon.ts';

/** Text that controls a terminal: colours, a cleared screen, a window title, C1 controls, bidirectional and zero-width marks, line ends, tags. */
const NASTY =
  '\u001b[31m\u001b[2J\u001b]0;owned\u0007\b\r\u007f\u009b1A\u0085\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\u{e0041}\u3164';
/** NASTY and invalid UTF-8: a single C1 byte, 0xff, and a lone surrogate. */
const BYTES = Buffer.concat([Buffer.from(NASTY), Buffer.from([0x9b, 0x33, 0xff, 0xed, 0xa0, 0x80])]);

/** Characters that no output may contain, apart from the newline at the end of a line. */
const STEERS = /[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/u;

/** The line of a hit. Each field that a client can write contains BYTES. `client` is the address of the client. */
function hostileLine(client: string, at = new Date()): Buffer {
  const [head, ...tail] = [
    `${at.toISOString().replace('Z', '+00:00')} mx postfix/smtpd[7]: NOQUEUE: discard: RCPT from unknown[${client}]: <trap`,
    '@example.org>: Recipient address triggers spamtrap; from=<"a',
    '"@example.com> to=<trap@example.org> proto=ESMTP helo=<h',
    '.example.com>\n',
  ];
  return Buffer.concat([Buffer.from(head), ...tail.flatMap((part) => [BYTES, Buffer.from(part)])]);
}

/** The lines of a text that contain a character of STEERS. A failed test shows these lines. */
const nasty = (text: string): string[] => text.split('\n').filter((line) => STEERS.test(line));

const daemon = new InnerDaemon();
const JAILS = `
jails:
  spamtrap: {}
  counted: { maxretry: 2 }
  spared: { ignoreip: [203.0.113.0/24] }
actions: [print, ${daemon.at('failing.yaml')}]
`;
const FAILING = `
name: failing
description: fails with a text that a client could have written
open: []
ban:
  - argv: [sh, -c, 'printf "\\\\033[31m\\\\302\\\\2331A\\\\342\\\\200\\\\256\\\\r" >&2; exit 1']
unban:
  - argv: ['true']
examples:
  - verb: unban
    networks: [192.0.2.7]
    commands:
      - argv: ['true']
`;

describe('the text of a client', () => {
  beforeAll(async () => {
    writeFileSync(daemon.at('failing.yaml'), FAILING);
    await daemon.start(JAILS);
    daemon.write(Buffer.concat([hostileLine('203.0.113.7'), hostileLine('203.0.113.7'), hostileLine('198.51.100.9')]));
    await until('bans', async () => daemon.said.filter((line) => line.includes('ban 198.51.100.9')).length > 0);
    await until('the failing action has failed', () => daemon.said.some((line) => line.includes('failing')));
  });
  afterAll(() => daemon.end());

  it('is unchanged in the ledger', () => {
    const query = "SELECT hex(trap) || ' ' || hex(sender) || ' ' || hex(helo) FROM hits LIMIT 1";
    const columns = execFileSync('sqlite3', ['-readonly', daemon.at('trapline.db'), query], { encoding: 'utf8' })
      .trim()
      .split(' ');
    expect(columns).toHaveLength(3);
    for (const hex of columns) expect(Buffer.from(hex, 'hex').toString()).toContain(NASTY);
  });

  it('is escaped in each kind of log line: ban, hit, hit of a banned or allowed client, failing firewall, end of a ban', async () => {
    await daemon.command('unban', '198.51.100.9');
    for (const words of ['counted: 203.0.113.7, hit 1 of 2', '203.0.113.7 not banned', 'is banned already', 'unban 198.51.100.9'])
      expect(daemon.said.join('\n')).toContain(words);
    expect(daemon.said.join('\n')).toContain('trap\\u{1b}[31m\\u{1b}[2J');
    expect(daemon.said.flatMap(nasty)).toEqual([]);
  });

  it('is escaped in the output of the print action', () => {
    expect(daemon.printed.join('')).toContain('would ban 203.0.113.7');
    expect(nasty(daemon.printed.join(''))).toEqual([]);
  });

  it.each([[['test']], [['test', '--json']], [['backfill', '--dry-run']], [['backfill', '--dry-run', '--json']], [['backfill']]])(
    'is escaped in the output of %j',
    async (words) => {
      const { code, out, err } = await daemon.command(...words, daemon.mailLog);
      expect(code).toBe(0);
      expect(out).not.toBe('');
      expect(nasty(out + err)).toEqual([]);
    },
  );

  it.each([
    [['bans'], '\\u{1b}[31m'],
    [['bans', '--json'], String.raw`\u001b[31m`],
    [['status'], '\\u{1b}[31m'],
    [['status', '--json'], String.raw`\\u{1b}[31m`],
    [['check'], 'ok'],
    [['check', '--json'], 'true'],
  ])('is escaped in the output of %j, and so are the reason of an operator and the error of a firewall', async (words, shown) => {
    await daemon.command('ban', '192.0.2.7', '--reason', NASTY);
    const { out, err } = await daemon.command(...words);
    expect(out).toContain(shown);
    expect(nasty(out + err)).toEqual([]);
  });

  it.each([
    ['status', get('/v1/status')],
    ['bans', get('/v1/bans')],
    ['an unknown path', `GET /v1/${BYTES.toString('latin1').replaceAll(/[\r\n]/g, '')} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a parameter', get(`/v1/bans?${encodeURIComponent(NASTY)}=1`)],
    ['a network', get(`/v1/bans?within=${encodeURIComponent(NASTY)}`)],
    ['an address', post('/v1/bans', JSON.stringify({ networks: [NASTY] }))],
    ['a key', post('/v1/bans', JSON.stringify({ networks: [], [NASTY]: 1 }))],
    ['a body', post('/v1/bans', BYTES)],
    ['a reason', post('/v1/bans', JSON.stringify({ networks: ['192.0.2.8'], reason: NASTY }))],
    [
      'an unban',
      post('/v1/bans', JSON.stringify({ networks: ['192.0.2.8'] }))
        .toString()
        .replace('POST', 'DELETE'),
    ],
    ['a hit', post('/v1/hits', `${JSON.stringify({ jail: NASTY })}\n`)],
  ])('is escaped in the answer of the control socket to a request (%s)', async (_, request) => {
    const connection = await openRaw(daemon.socket, request);
    await connection.closed;
    const body = bodyIn(connection.received());
    expect(JSON.parse(body)).toBeTruthy();
    expect(nasty(body)).toEqual([]);
  });

  it('is unchanged after a JSON parser has read the answer of the control socket', async () => {
    const { body } = await askRaw(daemon.socket, post('/v1/bans', JSON.stringify({ networks: ['192.0.2.9'], reason: NASTY })));
    expect(body).toMatchObject({ bans: [{ reason: NASTY }] });
  });
});

describe('an error message', () => {
  const place = new InnerDaemon();
  afterAll(() => place.end());
  const alone = ['--socket', place.at('none.sock'), '--state', place.at('none.db')];
  const file = (name: string, text: string | Buffer): string => {
    writeFileSync(place.at(name), text);
    return place.at(name);
  };

  it.each([
    ['a command', () => [NASTY]],
    ['a flag', () => ['ban', `--${NASTY}`]],
    ['a choice', () => ['test', 'x', '--format', NASTY]],
    ['a span of time', () => ['ban', '192.0.2.1', '--for', NASTY]],
    ['a moment', () => ['backfill', 'x', '--since', NASTY]],
    ['an address', () => ['ban', `192.0.2.1${NASTY}`, ...alone]],
    ['a network to list', () => ['bans', NASTY, ...alone]],
    ['a log', () => ['test', place.at(NASTY)]],
    ['an old log', () => ['backfill', '--dry-run', place.at(NASTY), ...alone]],
    ['a socket', () => ['reload', '--socket', place.at(NASTY)]],
    ['a socket that is too long', () => ['reload', '--socket', place.at(NASTY.repeat(5))]],
    ['a configuration', () => ['check', '--config', place.at(NASTY)]],
    ['a ledger', () => ['bans', '--socket', place.at('none.sock'), '--state', file(`l${NASTY}`, 'no database')]],
    ['a key of the configuration', () => ['check', '--config', file('key.yaml', `"${JSON.stringify(NASTY).slice(1, -1)}": 1\n`)]],
    ['a value in the configuration', () => ['check', '--config', file('value.yaml', `state: ${JSON.stringify(NASTY)}\n`)]],
    ['invalid bytes in the configuration', () => ['check', '--config', file('bytes.yaml', BYTES)]],
    ['a jail', () => ['check', '--config', file('jail.yaml', `jails: { ${JSON.stringify(NASTY)}: {} }\n`)]],
    ['a filter', () => ['check', '--config', file('filter.yaml', `jails: { a: { filter: ${JSON.stringify(`/${NASTY}`)} } }\n`)]],
    ['a rule', () => ['check', '--config', file('rule.yaml', `jails: { a: { rules: { ${JSON.stringify(NASTY)}: true } } }\n`)]],
    [
      'a list of allowed addresses',
      () => {
        const list = file('allow', Buffer.concat([Buffer.from('192.0.2.1\n192.0.2.'), BYTES, Buffer.from('\n')]));
        return ['check', '--config', file('list.yaml', `defaults: { ignoreip: [${list}] }\n`)];
      },
    ],
    [
      'the file of a filter',
      () => {
        mkdirSync(place.at('filters'), { recursive: true });
        writeFileSync(place.at('filters/bad.yaml'), `name: x\n"${JSON.stringify(NASTY).slice(1, -1)}": 1\n`);
        writeFileSync(place.at(`filters/${NASTY.replaceAll('/', '')}.yaml`), BYTES);
        return ['check', '--config', file('folder.yaml', `filters_folder: ${place.at('filters')}\n`)];
      },
    ],
    [
      'the file of an action',
      () => ['check', '--config', file('action.yaml', `actions: ${file('act.yaml', `ban: ${JSON.stringify(NASTY)}\n`)}\n`)],
    ],
    [
      'an option of an action',
      () => ['check', '--config', file('option.yaml', `actions: [{type: print, ${JSON.stringify(NASTY)}: 1}]\n`)],
    ],
  ])('about %s escapes the text that it quotes', async (_, words) => {
    const { code, out, err } = await trapline(words());
    expect([64, 65, 69, 72, 77, 78]).toContain(code);
    expect(err).toMatch(/^trapline: .+\n$/);
    expect(nasty(out + err)).toEqual([]);
  });

  it.each([NASTY, NASTY.repeat(5)])('of the status about a socket escapes the text that it quotes', async (name) => {
    for (const flags of [[], ['--json']]) {
      const { code, out, err } = await trapline(['status', '--socket', place.at(name), ...flags]);
      expect([code, err]).toEqual([69, '']);
      expect(out).toContain('NOT WORKING');
      expect(nasty(out)).toEqual([]);
    }
  });
});
