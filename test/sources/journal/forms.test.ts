import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openArchive } from '../../../src/sources/archive.ts';
import { entryLines, journalForm, type JournalForm } from '../../../src/sources/journal/forms.ts';
import { matcherOf, recordingLog, shipped } from '../../support/filters/lines.ts';

process.env['TZ'] = 'UTC';

// journalctl 252 printed one journal in each of these forms. Its entries are: two hits of Postfix, the second one with a byte 1 at its end; a
// message of a web server whose client has sent newlines and lines of Postfix; an entry of the web server's user under the name of Postfix; a hit
// of the container "mail"; and an attack from the container "web".
const fileOf = (form: string): string => join(import.meta.dirname, '..', '..', 'fixtures', 'journal', `entries.${form}`);

async function hitsOf(form: string, containers: readonly string[] = []): Promise<string[]> {
  const matcher = matcherOf(shipped('postfix-spamtrap'));
  const found: string[] = [];
  const options = { format: 'auto', now: Date.parse('2026-11-29T00:00:00Z'), log: recordingLog(), containers } as const;
  for await (const batch of openArchive(fileOf(form), options).read(undefined, new AbortController().signal)) {
    found.push(...matcher.match(batch).map(({ address, at }) => `${address} ${new Date(at).toISOString()}`));
  }
  return found;
}

const FIRST = '192.0.2.10 2026-11-28T17:00:02.467Z';
const SECOND = '192.0.2.11 2026-11-28T17:00:05.467Z';
const OF_MAIL = '192.0.2.12 2026-11-28T17:00:06.467Z';
/** The forms, and the hits of Postfix in each. verbose does not show a message with a control character. */
const FORMS = [
  ...['json', 'json-seq', 'json-sse', 'json-pretty', 'export'].map((form) => [form, [FIRST, SECOND]] as const),
  ['verbose', [FIRST]] as const,
];

describe('a journal that journalctl has printed', () => {
  it.each(FORMS)('has the hits of Postfix only: -o %s', async (form, hits) => {
    expect(await hitsOf(form)).toEqual(hits);
  });

  it.each(FORMS)('has the hits of a named container: -o %s', async (form, hits) => {
    expect(await hitsOf(form, ['mail'])).toEqual([...hits, OF_MAIL]);
  });

  it('has no hit of another user in -o with-unit, which shows the unit of an entry', async () => {
    expect(await hitsOf('with-unit')).toEqual(['192.0.2.10 2026-11-28T17:00:02.000Z']);
  });

  it.each([
    ['short-full', '2026-11-28T17:00:02.000Z', '2026-11-28T17:00:04.000Z'],
    ['short-iso-precise', '2026-11-28T17:00:02.467Z', '2026-11-28T17:00:04.467Z'],
    ['short-unix', '2026-11-28T17:00:02.467Z', '2026-11-28T17:00:04.467Z'],
  ])('has a hit of each program that calls itself Postfix, because it shows no sender: -o %s', async (form, first, second) => {
    expect(await hitsOf(form)).toEqual([`192.0.2.10 ${first}`, `203.0.113.66 ${second}`]);
  });
});

describe('journalForm', () => {
  it.each(['json-pretty', 'export', 'verbose'])('recognises %s', (form) => {
    expect(journalForm(readFileSync(fileOf(form)))).toBe(form);
  });

  it.each(['json', 'json-seq', 'json-sse'])('recognises %s as lines of JSON', (form) => {
    expect(journalForm(readFileSync(fileOf(form)))).toBe('json');
  });

  it('takes an object for an entry if it is longer than the start of the log that is read', () => {
    expect(journalForm(Buffer.from(`{"MESSAGE":"${'x'.repeat(100_000)}`))).toBe('json');
  });

  it.each([
    ['a line of syslogd', 'Nov 28 17:00:00 mx postfix/smtpd[1]: x\n'],
    ['a JSON line', '{"message":"x"}\n'],
    ['a record of Docker', String.raw`{"log":"{\"__CURSOR\":\"x\"}\n","stream":"stdout","time":"2026-11-28T17:00:00Z"}` + '\n'],
    ['an empty log', ''],
  ])('does not take %s for a journal', (_, text) => {
    expect(journalForm(Buffer.from(text))).toBeUndefined();
  });
});

const read = (form: JournalForm, bytes: Buffer, step: number): string => {
  const lines = entryLines(form, 'x');
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += step) parts.push(lines.feed(bytes.subarray(at, at + step)));
  return Buffer.concat([...parts, lines.flush()]).toString();
};

/** The first line of an entry of `verbose`, received at this time (microseconds). */
const head = (micros: number): string => `Sat 2026-11-28 17:00:02.467434 UTC [s=1;i=1;b=1;m=1;t=${micros.toString(16)};x=1]\n`;

describe('entryLines', () => {
  it.each(['json', 'json-pretty', 'export', 'verbose'] as const)('gives equal lines for chunks of any size: %s', (form) => {
    const bytes = readFileSync(fileOf(form));
    const whole = read(form, bytes, bytes.length);
    for (const step of [1, 7, 1000]) expect(read(form, bytes, step)).toBe(whole);
    expect(whole.trim().split('\n')).toHaveLength(8);
  });

  it('drops the value of a field that is shown on several lines: verbose', () => {
    const [, , web = ''] = read('verbose', readFileSync(fileOf('verbose')), 1000).split('\n');
    expect(JSON.parse(web)).toMatchObject({ MESSAGE: null, _UID: '33', _COMM: 'php-fpm' });
  });

  it.each([
    ['json-pretty', `{\n${'\n'.repeat(2 ** 21)}}\n`, '{\n"a" : "b"\n}\n', '{ "a" : "b" }\n'],
    [
      'verbose',
      head(1) + Array.from({ length: 20_000 }, (_, index) => `    A${index}=${'x'.repeat(80)}\n`).join(''),
      `${head(2)}    A=b\n`,
      '{"__REALTIME_TIMESTAMP":"2","A":"b"}\n',
    ],
  ] as const)('keeps nothing of an entry of %s that is too long, and reads the next one', (form, long, next, expected) => {
    const reader = entryLines(form, 'log');
    expect(
      `${reader.feed(Buffer.from(long)).toString()}${reader.feed(Buffer.from(next)).toString()}${reader.flush().toString()}`,
    ).toBe(expected);
  });
});
