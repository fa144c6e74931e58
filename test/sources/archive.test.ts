import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseTimestamp } from '../../src/lib/text/timestamp.ts';
import { Archive, type ArchiveOptions } from '../../src/sources/archive.ts';
import { eachLine } from '../../src/sources/lines.ts';
import type { Unwrapped } from '../../src/words/walk.ts';
import { recordingLog, temporaryFolder } from '../support/sources/reader.ts';
import { readRecords, type LogRecord } from '../support/sources/records.ts';

// The logs of these tests have times in UTC, and the tests expect days in UTC.
process.env['TZ'] = 'UTC';

const NOW = Date.parse('2026-06-01T00:00:00Z');

const options = (more: Partial<ArchiveOptions> = {}): ArchiveOptions => ({
  format: 'auto',
  now: NOW,
  log: recordingLog(),
  ...more,
});

const write = (bytes: string | Buffer, modified = NOW): string => {
  const path = join(temporaryFolder(), 'mail.log.1');
  writeFileSync(path, bytes);
  utimesSync(path, modified / 1000, modified / 1000);
  return path;
};

/** Returns the day of each line, read with the time of its batch. */
function daysOf(path: string, more?: Partial<ArchiveOptions>): Promise<string[]> {
  return daysIn(new Archive(path, options(more)));
}

async function daysIn(archive: Archive): Promise<string[]> {
  const days: string[] = [];
  for await (const { bytes, at } of archive.read(undefined, new AbortController().signal)) {
    for (const line of eachLine(bytes)) {
      const stamp = parseTimestamp(line.toString('latin1'), at);
      days.push(new Date(stamp?.at ?? 0).toISOString().slice(0, 10));
    }
  }
  return days;
}

async function recordsOf(path: string, more?: Partial<ArchiveOptions>): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of readRecords(path, options(more))) records.push(record);
  return records;
}

async function* input(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 65_536) yield bytes.subarray(start, start + 65_536);
}

/** A log with one line for each day, without a year. `days`: the day of each line. */
function dailyLog(from: string, to: string): { log: Buffer; days: string[] } {
  const lines: string[] = [];
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000) {
    const [, day = '', month = ''] = /^\w+, (\d+) (\w+)/.exec(new Date(at).toUTCString()) ?? [];
    lines.push(`${month} ${day.replace(/^0/, ' ')} 12:00:00 mx postfix/smtpd[1]: ${'x'.repeat(400)}\n`);
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return { log: Buffer.from(lines.join('')), days };
}

const fixture = (name: string): string => join(import.meta.dirname, '..', 'fixtures', 'corpus', `${name}.journald.jsonl`);

describe('an archive', () => {
  it('returns complete lines, including a last line without a newline, and reports its progress', async () => {
    const text = `${'2026-05-01T00:00:00Z mx line\n'.repeat(100_000)}last`;
    const archive = new Archive(write(text), options());
    let read = '';
    for await (const batch of archive.read(undefined, new AbortController().signal)) {
      expect(batch.cursor).toBeUndefined();
      read += batch.bytes.toString();
    }
    expect(read).toBe(`${text}\n`);
    expect(archive.stats()).toEqual({ state: 'read', lines: 0, bytes: text.length, size: text.length });
  });

  it('ends when its signal aborts', async () => {
    const stop = new AbortController();
    let batches = 0;
    for await (const batch of new Archive(write('line\n'.repeat(1_000_000)), options()).read(undefined, stop.signal)) {
      batches += batch.bytes.length > 0 ? 1 : 0;
      stop.abort();
    }
    expect(batches).toBe(1);
  });

  it('ends when its signal aborts in the middle of an endless line', async () => {
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Buffer> {
      for (let count = 0; ; count += 1) {
        if (count === 100) stop.abort();
        yield Buffer.alloc(65_536);
      }
    }
    for await (const _ of new Archive('-', options({ input: endless() })).read(undefined, stop.signal)) expect.fail('a line');
  });

  it('S04: needs little memory, however large the content of a small file is', async () => {
    const line = Buffer.from(`Nov 29 10:00:00 mx postfix/smtpd[1]: ${'x'.repeat(200)}\n`);
    const path = write(gzipSync(Buffer.alloc(280_000_000, line), { level: 9 }));
    const before = process.memoryUsage().rss;
    let most = 0;
    let total = 0;
    for await (const { bytes } of new Archive(path, options()).read(undefined, new AbortController().signal)) {
      total += bytes.length;
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(total).toBe(280_000_001);
    expect(most).toBeLessThan(100_000_000);
  });

  it('returns equal days when it is read twice', async () => {
    const { log, days } = dailyLog('2022-09-01T12:00:00Z', '2025-11-30T12:00:00Z');
    const path = write(gzipSync(log), Date.parse('2025-12-01T00:00:00Z'));
    const archive = new Archive(path, options());
    for (let reading = 0; reading < 2; reading += 1) expect(await daysIn(archive)).toEqual(days);
  });

  it('P20: cuts a line of 5 MB, logs the cut once, and continues with the next line', async () => {
    const log = recordingLog();
    const records = await recordsOf(write(`${'x'.repeat(5_000_000)}\nnext\n`), { log });
    expect(records.map((record) => record.bytes?.length)).toEqual([65_537, 5]);
    expect(log.texts).toEqual([expect.stringMatching(/^notice: .*: a line was cut at the length limit$/)]);
  });

  it('T10: reads a date without a year in the year in which the file was modified', async () => {
    const modified = Date.parse('2024-11-30T12:00:00Z');
    expect(await daysOf(write('Nov 29 10:00:00 mx a\nNov 30 10:00:00 mx b\n', modified))).toEqual(['2024-11-29', '2024-11-30']);
  });

  it.each<[string, (log: Buffer) => Buffer]>([
    ['a plain file', (log) => log],
    ['a gzip file', (log) => gzipSync(log)],
  ])('T10: finds the years of a log of several years in %s', async (_, pack) => {
    const { log, days } = dailyLog('2022-09-01T12:00:00Z', '2025-11-30T12:00:00Z');
    expect(await daysOf(write(pack(log), Date.parse('2025-12-01T00:00:00Z')))).toEqual(days);
  });

  it('T10: increases the year at the turn of the year on standard input', async () => {
    const { log, days } = dailyLog('2025-07-01T12:00:00Z', '2026-05-31T12:00:00Z');
    expect(await daysOf('-', { input: input(log) })).toEqual(days);
    expect(await daysOf('-', { input: input(gzipSync(log)) })).toEqual(days);
  });

  it('T10: reads no date as later than now, even if the file was modified in the future', async () => {
    expect(await daysOf(write('Nov 29 10:00:00 mx a\n', Date.parse('2030-01-01T00:00:00Z')))).toEqual(['2025-11-29']);
  });

  it('T08: keeps the order of the lines in the file, even if their times are not in order', async () => {
    const text = 'Jan  1 00:05:00 mx a\nDec 31 23:59:22 mx late\nJan  1 00:06:00 mx b\n';
    expect(await daysOf(write(text, Date.parse('2026-01-01T01:00:00Z')))).toEqual(['2026-01-01', '2025-12-31', '2026-01-01']);
  });
});

describe('a journal as JSON', () => {
  it('is recognised by its first byte, and is converted to lines of syslog', async () => {
    const records = await recordsOf(fixture('basic'));
    expect(records).toHaveLength(290);
    expect(records.map((record) => record.line)).toEqual(records.map((_, index) => index + 1));
    expect(String(records[1]?.bytes)).toMatch(
      /^2026-11-25T00:03:16\.296505\+00:00 mx\.example\.com postfix\/smtpd\[18531\]: NOQUEUE: discard: RCPT from unknown\[203\.0\.113\.101\]/,
    );
  });

  it('is recognised behind a byte order mark, and loses no entry', async () => {
    const marked = write(Buffer.concat([Buffer.from('\ufeff'), readFileSync(fixture('basic'))]));
    expect(await recordsOf(marked)).toEqual(await recordsOf(fixture('basic')));
  });

  it('has an empty line in place of each line that is left out, so that the numbers of the lines stay, with the option `numbered`', async () => {
    const mixed = readFileSync(fixture('basic'), 'utf8') + readFileSync(fixture('local-forgery'), 'utf8');
    const records = await recordsOf(write(`${mixed}not JSON\n\n`));
    expect(records).toHaveLength(299);
    expect(records.flatMap((record) => (record.bytes ? [] : [record.line]))).toEqual([291, 292, 293, 294, 295, 296, 297, 298, 299]);
  });

  it('has batches without the entries of other senders, and logs the number of these entries', async () => {
    const log = recordingLog();
    const archive = new Archive(fixture('local-forgery'), options({ log }));
    for await (const batch of archive.read(undefined, new AbortController().signal)) expect(batch.bytes).toHaveLength(0);
    expect(log.texts).toEqual([expect.stringMatching(/7 journal entries were not sent by Postfix and were left out$/)]);
  });

  it('has no line from a sender whose user id differs from `postfixUid`', async () => {
    const records = await recordsOf(fixture('linklocal'), { postfixUid: 89 });
    expect(records.every((record) => record.bytes === undefined)).toBe(true);
  });

  it('is read as text when the format is syslog', async () => {
    const [first] = await recordsOf(fixture('basic'), { format: 'syslog' });
    expect(String(first?.bytes)).toMatch(/^\{"/);
  });
});

const LINE = 'Nov 28 17:00:00 mx postfix/smtpd[1]: NOQUEUE: discard: RCPT from unknown[192.0.2.10]: x';
const opened = async (path: string, more: Partial<ArchiveOptions> = {}): Promise<(Unwrapped | undefined)[]> => {
  const lines: (Unwrapped | undefined)[] = [];
  for await (const { bytes, envelopes } of new Archive(path, options(more)).read(undefined, new AbortController().signal)) {
    let start = 0;
    for (const line of eachLine(bytes)) {
      lines.push(envelopes?.open(start, start + line.length - 1));
      start += line.length;
    }
  }
  return lines;
};

describe('a log whose lines have envelopes', () => {
  it('is recognised without an option, also when the first chunk of its input is shorter than a line', async () => {
    const docker = `${JSON.stringify({ log: `${LINE}\n`, stream: 'stdout', time: '2026-05-28T17:00:00.5Z' })}\n`;
    const expected = { text: LINE, at: Date.parse('2025-11-28T17:00:00Z') };
    expect(await opened(write(docker))).toEqual([expected]);
    async function* short(): AsyncGenerator<Buffer> {
      yield Buffer.from(docker.slice(0, 9));
      yield Buffer.from(docker.slice(9));
    }
    expect(await opened('-', { input: short() })).toEqual([expected]);
  });

  it('keeps its envelopes when the format is syslog', async () => {
    expect(await opened(write(`postfix-1  | ${LINE}\n`), { format: 'syslog' })).toEqual([undefined]);
  });

  it('gets its years from the lines behind the names of containers', async () => {
    const path = write(
      'postfix-1  | Dec 30 10:00:00 mx a\npostfix-1  | Jan  2 10:00:00 mx b\n',
      Date.parse('2026-01-03T00:00:00Z'),
    );
    const years: string[] = [];
    for await (const { bytes, at } of new Archive(path, options()).read(undefined, new AbortController().signal)) {
      for (const line of eachLine(bytes))
        years.push(new Date(parseTimestamp(line.toString().slice(13), at)?.at ?? 0).toISOString().slice(0, 10));
    }
    expect(years).toEqual(['2025-12-30', '2026-01-02']);
  });
});
