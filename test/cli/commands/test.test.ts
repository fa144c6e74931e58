import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchPlace, trapline } from '../../support/cli/command-line.ts';

const place = scratchPlace();
afterAll(() => place.remove());

/** Runs `trapline test` on a file with the given text. */
const testOf = (text: string, ...flags: string[]): ReturnType<typeof trapline> => {
  writeFileSync(place.at('log'), text);
  return trapline(['test', ...flags, place.at('log')]);
};

const CORPUS = join(import.meta.dirname, '../../fixtures/corpus');
interface Expected {
  readonly line: number;
  readonly hit: boolean;
  readonly ip: string | null;
  readonly peer: string | null;
  readonly lenient_hit?: boolean;
  readonly lenient_ip?: string;
  readonly ambiguous?: boolean;
  readonly undecidable?: boolean;
}

type Answer = { line: number; hit: boolean; address?: string; jail?: string; rule?: string };

const jsonLines = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

const read = (name: string): string => readFileSync(join(CORPUS, name), 'utf8');

/** The addresses that a correct result may have for a line. Undefined stands for no hit. */
function acceptable(expected: Expected): (string | undefined)[] {
  const own = expected.lenient_ip ?? expected.peer ?? undefined;
  if (expected.undecidable) return [undefined, '192.0.2.99'];
  if (expected.ambiguous) return [undefined, own];
  return [expected.lenient_hit ? expected.lenient_ip : undefined];
}

const FILES = readdirSync(CORPUS).flatMap((name) =>
  name.endsWith('.expected.jsonl') ? [name.replace('.expected.jsonl', '')] : [],
);

describe('trapline test', () => {
  it.each(FILES)('gives the correct result for every line of %s', async (name) => {
    const journal = name.endsWith('.journald');
    writeFileSync(place.at('corpus.yaml'), 'syslog_names: [postfix*, mailgw]\n');
    const { code, out } = await trapline([
      'test',
      '--json',
      '--all',
      '--config',
      place.at('corpus.yaml'),
      join(CORPUS, `${name}${journal ? '.jsonl' : '.log'}`),
    ]);
    expect(code).toBe(0);
    const answers = jsonLines<Answer>(out);
    const expected = jsonLines<Expected>(read(`${name}.expected.jsonl`));
    expect(answers.map(({ line }) => line)).toEqual(expected.map(({ line }) => line));
    const wrong = expected.flatMap((want, index) => {
      const got = answers[index];
      const allowed = journal && want.undecidable ? [undefined] : acceptable(want);
      return allowed.includes(got?.hit ? got.address : undefined) ? [] : [{ want, got }];
    });
    expect(wrong).toEqual([]);
    const plain = expected.filter(({ hit }) => hit).map(({ line }) => answers[line - 1]?.rule);
    expect(new Set(plain)).toEqual(new Set(plain.length > 0 ? ['recipient'] : []));
  });

  const LINE =
    'Nov 25 00:03:16 mx postfix/smtpd[18531]: NOQUEUE: discard: RCPT from unknown[203.0.113.101]: <spamtrap@example.com>: Recipient address triggers spamtrap; from=<bounce@example.org> to=<spamtrap@example.com> proto=ESMTP helo=<client.example.org>\n';

  /** LINE with the present time, so that its ban is not over. */
  const FRESH = LINE.replace('Nov 25 00:03:16', new Date().toISOString());

  it('prints the verdict of the daemon for each hit, and a summary', async () => {
    const { out } = await testOf(`${FRESH}something else\n${FRESH}${FRESH.replace('203.0.113.101', '127.0.0.1')}`);
    expect(out.split('\n').slice(0, 4)).toEqual([
      '1: hit by 203.0.113.101, rule recipient of jail spamtrap (spamtrap@example.com) -> ban: 203.0.113.101 for 1h, offence 1',
      '3: hit by 203.0.113.101, rule recipient of jail spamtrap (spamtrap@example.com) -> banned already: 203.0.113.101',
      '4: hit by 127.0.0.1, rule recipient of jail spamtrap (spamtrap@example.com) -> never banned: 127.0.0.0/8 (loopback)',
      '4 lines, 3 hits, 1 ban',
    ]);
  });

  it('prints the lines without a hit too with --all', async () => {
    const { out } = await testOf(`one\n${FRESH}three\n\nfive`, '--all');
    expect(
      out
        .replaceAll(/hit by .*/g, 'hit')
        .split('\n')
        .slice(0, 6),
    ).toEqual(['1: no hit', '2: hit', '3: no hit', '4: no hit', '5: no hit', '5 lines, 1 hit, 1 ban']);
  });

  it('prints one JSON object for each hit, or for each line with --all', async () => {
    const { out } = await testOf(`${LINE.replace('Nov 25 00:03:16', '2026-01-25T00:03:16+00:00')}nothing\n`, '--json');
    expect(jsonLines(out)).toEqual([
      {
        line: 1,
        hit: true,
        address: '203.0.113.101',
        jail: 'spamtrap',
        rule: 'recipient',
        at: '2026-01-25T00:03:16.000Z',
        fields: { trap: 'spamtrap@example.com', sender: 'bounce@example.org', helo: 'client.example.org', queueId: 'NOQUEUE' },
        verdict: 'ban',
        because: expect.stringMatching(/^203\.0\.113\.101 for 1h, offence 1, over since 2026-01-25 /) as unknown,
        over: true,
      },
    ]);
    expect(jsonLines((await testOf(`${FRESH}nothing\n`, '--json', '--all')).out).map((one) => (one as Answer).hit)).toEqual([
      true,
      false,
    ]);
  });

  it('P12: prints the number of repetitions of a line', async () => {
    const { out } = await testOf(`x\n${LINE}Nov 25 00:03:16 mx last message repeated 4 times\ny\n`, '--json');
    expect(jsonLines(out)).toEqual([
      expect.objectContaining({ line: 2, hit: true }),
      expect.objectContaining({ line: 3, hit: true, address: '203.0.113.101', count: 4 }),
    ]);
  });

  it('C3: takes one line in place of a file', async () => {
    expect((await trapline(['test', FRESH.trimEnd()])).out).toBe(
      '1: hit by 203.0.113.101, rule recipient of jail spamtrap (spamtrap@example.com) -> ban: 203.0.113.101 for 1h, offence 1\n1 line, 1 hit, 1 ban\n',
    );
    expect((await trapline(['test', 'Nov 25 00:03:16 mx postfix/smtpd[1]: connect from x[203.0.113.1]'])).out).toBe(
      '1 line, 0 hits, 0 bans\n',
    );
    expect(await trapline(['test', 'no such file.log'])).toMatchObject({
      code: 65,
      err: 'trapline: no such file.log: no such file\n',
    });
    expect((await trapline(['test', '-'], FRESH)).out).toMatch(/\n1 line, 1 hit, 1 ban\n$/);
  });

  describe('K04: explains why a daemon would not ban', () => {
    const configured = async (yaml: string, text: string): Promise<readonly string[]> => {
      writeFileSync(place.at('k04.yaml'), yaml);
      return (await testOf(text, '--config', place.at('k04.yaml'))).out
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/.* -> /, ''));
    };
    const followed = `sources: [${place.at('log')}]\n`;

    it('because the time of the ban is over', async () => {
      const old = LINE.replace('Nov 25 00:03:16', '2026-01-25T00:03:16+00:00');
      expect(await configured(followed, old + FRESH)).toEqual([
        expect.stringMatching(/^no ban now: 203\.0\.113\.101 for 1h, offence 1, over since 2026-01-25 \d\d:03:16$/),
        'ban: 203.0.113.101 for 1h, offence 1',
        '2 lines, 2 hits, 2 bans (1 over by now, a daemon would not set it)',
      ]);
      expect((await configured(followed, old)).at(-1)).toBe('1 line, 1 hit, 1 ban (all over by now, a daemon would not set it)');
    });

    it('because the client is allow-listed', async () => {
      expect(await configured(`${followed}defaults: {ignoreip: [203.0.113.0/24]}\n`, FRESH)).toEqual([
        expect.stringMatching(/^never banned: 203\.0\.113\.0\/24/),
        '1 line, 1 hit, 0 bans',
      ]);
    });

    it('because there are fewer hits than maxretry', async () => {
      expect(await configured(`${followed}defaults: {maxretry: 2, findtime: 5m}\n`, FRESH)).toEqual([
        'no ban yet: hit 1 of 2 within 5m',
        '1 line, 1 hit, 0 bans',
      ]);
    });

    it('because it does not read the file', async () => {
      expect((await configured(`sources: [${place.at('other.log')}, /none.log]\n`, FRESH)).at(-1)).toBe(
        `note: a daemon with this configuration does not read ${place.at('log')}, it reads ${place.at('other.log')}, /none.log`,
      );
      expect((await configured(`sources: ["${place.at('l*')}"]\n`, FRESH)).at(-1)).toBe('1 line, 1 hit, 1 ban');
      expect((await configured(`sources: [${place.at('other.log')}]\n`, 'no hit\n')).at(-1)).toBe('1 line, 0 hits, 0 bans');
    });

    it('because the jail looks only in other sources', async () => {
      const jails = `sources: [${place.at('log')}, /none.log]\njails: {a: {filter: postfix-spamtrap, sources: [/none.log]}}\n`;
      expect((await configured(jails, FRESH)).at(-1)).toBe(`note: jail a looks only in /none.log, not in ${place.at('log')}`);
    });
  });

  it('prints the hits before the damage of a file, and then the damage', async () => {
    const packed = gzipSync(FRESH.repeat(3) + randomBytes(20_000).toString('hex'));
    writeFileSync(place.at('cut.gz'), packed.subarray(0, packed.length - 500));
    const { code, out, err } = await trapline(['test', place.at('cut.gz')]);
    expect([code, out]).toEqual([65, expect.stringContaining('3 lines, 3 hits, 1 ban\n')]);
    expect(err).toMatch(/^trapline: .*cut\.gz: the gzip file ends in the middle, [^\n]+\n$/);
  });

  it('draws a bar on a terminal, and erases it before each hit', async () => {
    writeFileSync(place.at('log'), `${'Nov 25 00:03:16 mx x\n'.repeat(500_000)}${FRESH}`);
    const { out, err } = await trapline(['test', place.at('log')], '', { terminal: true });
    expect(out).toContain('500001: hit by 203.0.113.101');
    expect(err).toMatch(/^\r\[#* *\] \d+ % of 11 MB/);
    expect(err.endsWith('\r\u001b[K')).toBe(true);
  });

  it('escapes control characters in the address of a trap', async () => {
    const { out } = await testOf(LINE.replaceAll('spamtrap@', '\u001b[31m\u202espamtrap@'));
    expect(out).toContain('(\\u{1b}[31m\\u{202e}spamtrap@example.com)');
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('\u202e');
  });
});

const NEAR =
  'Nov 25 00:03:16 mx postfix/smtpd[1]: NOQUEUE: discard: RCPT from x[203.0.113.1]: <trap@example.com>: Recipient address spamtrap; from=<a@example.org> to=<trap@example.com> proto=ESMTP helo=<c>';

describe('trapline test shows a near miss', () => {
  const unknown = `weird ~~ ${NEAR.replace('address spamtrap', 'address triggers spamtrap')}`;

  it('A6: with the reason, and counts near misses in the summary', async () => {
    const rejected = NEAR.replace('discard', 'reject')
      .replace('<trap', '554 5.7.1 <trap')
      .replace('address ', 'address rejected: ');
    const bare = NEAR.replace('spamtrap', 'triggers DISCARD action');
    const { code, out, err } = await testOf(['none', NEAR, rejected, 'none', bare, unknown].join('\n'));
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').slice(0, 5)).toEqual([
      '2: near miss: the table has "spamtrap", the filter looks for "triggers spamtrap"',
      '3: near miss: a rejection: the filter postfix-reject-trap would take it',
      '5: near miss: the table has DISCARD without a text, the filter looks for "triggers spamtrap"',
      '6: near miss: the log prefix before the message is unknown',
      '6 lines, 0 hits, 4 near misses, 0 bans',
    ]);
  });

  it('with the reason in JSON', async () => {
    expect(jsonLines(await testOf(`none\n${NEAR}\n`, '--json').then(({ out }) => out))).toEqual([
      { line: 2, hit: false, nearMiss: 'the table has "spamtrap", the filter looks for "triggers spamtrap"' },
    ]);
  });

  it('on a line that is given in place of a file', async () => {
    const { out } = await trapline(['test', unknown]);
    expect(out).toBe('1: near miss: the log prefix before the message is unknown\n1 line, 0 hits, 1 near miss, 0 bans\n');
  });
});
