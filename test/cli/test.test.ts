import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchPlace, trapline } from '../support/command-line.ts';

const place = scratchPlace();
afterAll(() => place.remove());

/** Runs `trapline test` on a file with this text. */
const testOf = (text: string, ...flags: string[]): ReturnType<typeof trapline> => {
  writeFileSync(place.at('log'), text);
  return trapline(['test', ...flags, place.at('log')]);
};

const CORPUS = join(import.meta.dirname, '../fixtures/corpus');
const GROUPS = [
  'basic',
  'variants',
  'attack-envelope',
  'attack-chars',
  'attack-content',
  'attack-dns',
  'postscreen',
  'linklocal',
  'local-forgery',
];

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

const exists = (name: string): boolean => {
  try {
    return read(name) !== '';
  } catch {
    return false;
  }
};

/** What a sound program may say of a line. */
function acceptable(expected: Expected): (string | undefined)[] {
  const own = expected.lenient_ip ?? expected.peer ?? undefined;
  if (expected.undecidable) return [undefined, '192.0.2.99'];
  if (expected.ambiguous) return [undefined, own];
  return [expected.lenient_hit ? expected.lenient_ip : undefined];
}

const FORMATS = ['rfc3164', 'iso8601', 'rfc5424', 'rfc5424-slash', 'postlogd', 'journald'];
const FILES = FORMATS.flatMap((format) => GROUPS.map((group) => `${group}.${format}`)).filter((name) =>
  exists(`${name}.expected.jsonl`),
);

describe('trapline test', () => {
  it.each(FILES)('judges every line of %s rightly', async (name) => {
    const journal = name.endsWith('.journald');
    const { code, out } = await trapline(['test', '--json', join(CORPUS, `${name}${journal ? '.jsonl' : '.log'}`)]);
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

  it('tells of each line what the daemon would do', async () => {
    const { out } = await testOf(`${LINE}something else\n${LINE}${LINE.replace('203.0.113.101', '127.0.0.1')}`);
    expect(out.split('\n')).toEqual([
      '1: hit by 203.0.113.101, rule recipient of jail spamtrap (spamtrap@example.com) -> ban: 203.0.113.101 for 1h, offence 1',
      '2: no hit',
      '3: hit by 203.0.113.101, rule recipient of jail spamtrap (spamtrap@example.com) -> held: 203.0.113.101 is banned already',
      '4: hit by 127.0.0.1, rule recipient of jail spamtrap (spamtrap@example.com) -> spare: 127.0.0.0/8 (loopback)',
      '',
    ]);
  });

  it('prints one JSON object for each line', async () => {
    const { out } = await testOf(`${LINE.replace('Nov 25 00:03:16', '2026-11-25T00:03:16+00:00')}nothing\n`, '--json');
    expect(jsonLines(out)).toEqual([
      {
        line: 1,
        hit: true,
        address: '203.0.113.101',
        jail: 'spamtrap',
        rule: 'recipient',
        at: '2026-11-25T00:03:16.000Z',
        fields: { trap: 'spamtrap@example.com', sender: 'bounce@example.org', helo: 'client.example.org', queueId: 'NOQUEUE' },
        verdict: 'ban',
        because: '203.0.113.101 for 1h, offence 1',
      },
      { line: 2, hit: false },
    ]);
  });

  it('P12: says how often a line came again', async () => {
    const { out } = await testOf(`${LINE}Nov 25 00:03:16 mx last message repeated 4 times\n`, '--json');
    expect(jsonLines(out)).toEqual([
      expect.objectContaining({ line: 1, hit: true }),
      expect.objectContaining({ line: 2, hit: true, address: '203.0.113.101', count: 4 }),
    ]);
  });

  it('shows control characters of a trap name escaped', async () => {
    const { out } = await testOf(LINE.replaceAll('spamtrap@', '\u001b[31m\u202espamtrap@'));
    expect(out).toContain('(\\u{1b}[31m\\u{202e}spamtrap@example.com)');
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('\u202e');
  });
});
