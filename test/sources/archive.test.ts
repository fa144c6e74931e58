import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseTimestamp } from '../../src/lib/timestamp.ts';
import { Archive, readRecords, type ArchiveOptions, type LogRecord } from '../../src/sources/archive.ts';
import { eachLine } from '../../src/sources/lines.ts';
import { recordingLog, temporaryFolder } from '../support/sources-reader.ts';

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

/** Each line with the day on which its batch says it was written. */
function daysOf(path: string, more?: Partial<ArchiveOptions>): Promise<string[]> {
  return daysIn(new Archive(path, options(more)));
}

async function daysIn(archive: Archive): Promise<string[]> {
  const days: string[] = [];
  for await (const { bytes, at } of archive.read(undefined, new AbortController().signal)) {
    for (const line of eachLine(bytes)) {
      const stamp = parseTimestamp(line.toString('latin1'), at, 'UTC');
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

/** A line a day, without years, and the day of each. */
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

const fixture = (name: string): string => new URL(`../fixtures/corpus/${name}.journald.jsonl`, import.meta.url).pathname;

describe('an archive', () => {
  it('gives whole lines, the last one without a newline too, and tells how far it is', async () => {
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

  it('ends when told to', async () => {
    const stop = new AbortController();
    let batches = 0;
    for await (const batch of new Archive(write('line\n'.repeat(1_000_000)), options()).read(undefined, stop.signal)) {
      batches += batch.bytes.length > 0 ? 1 : 0;
      stop.abort();
    }
    expect(batches).toBe(1);
  });

  it('ends when told to, also where no line ends', async () => {
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Buffer> {
      for (let count = 0; ; count += 1) {
        if (count === 100) stop.abort();
        yield Buffer.alloc(65_536);
      }
    }
    for await (const _ of new Archive('-', options({ input: endless() })).read(undefined, stop.signal)) expect.fail('a line');
  });

  it('S04: stays small, however much a small file holds', async () => {
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

  it('can be read again, and knows then what it has found out', async () => {
    const { log, days } = dailyLog('2022-09-01T12:00:00Z', '2025-11-30T12:00:00Z');
    const path = write(gzipSync(log), Date.parse('2025-12-01T00:00:00Z'));
    const archive = new Archive(path, options());
    for (let reading = 0; reading < 2; reading += 1) expect(await daysIn(archive)).toEqual(days);
  });

  it('P20: cuts a line of 5 MB, says so once, and goes on with the next', async () => {
    const log = recordingLog();
    const records = await recordsOf(write(`${'x'.repeat(5_000_000)}\nnext\n`), { log });
    expect(records.map((record) => record.bytes?.length)).toEqual([65_537, 5]);
    expect(log.texts).toEqual([expect.stringMatching(/^notice: .*: a line was too long to be read whole and cut$/)]);
  });

  it("T10: puts dates without a year into the year of the file's time", async () => {
    const modified = Date.parse('2024-11-30T12:00:00Z');
    expect(await daysOf(write('Nov 29 10:00:00 mx a\nNov 30 10:00:00 mx b\n', modified))).toEqual(['2024-11-29', '2024-11-30']);
  });

  it.each<[string, (log: Buffer) => Buffer]>([
    ['a plain file', (log) => log],
    ['a gzip file', (log) => gzipSync(log)],
  ])('T10: finds the years of several in %s', async (_, pack) => {
    const { log, days } = dailyLog('2022-09-01T12:00:00Z', '2025-11-30T12:00:00Z');
    expect(await daysOf(write(pack(log), Date.parse('2025-12-01T00:00:00Z')))).toEqual(days);
  });

  it('T10: goes through the turn of a year on standard input', async () => {
    const { log, days } = dailyLog('2025-07-01T12:00:00Z', '2026-05-31T12:00:00Z');
    expect(await daysOf('-', { input: input(log) })).toEqual(days);
    expect(await daysOf('-', { input: input(gzipSync(log)) })).toEqual(days);
  });

  it('T10: takes no line for later than now, whatever the time of the file', async () => {
    expect(await daysOf(write('Nov 29 10:00:00 mx a\n', Date.parse('2030-01-01T00:00:00Z')))).toEqual(['2025-11-29']);
  });

  it('T08: keeps lines in the order in which they were written', async () => {
    const text = 'Jan  1 00:05:00 mx a\nDec 31 23:59:22 mx late\nJan  1 00:06:00 mx b\n';
    expect(await daysOf(write(text, Date.parse('2026-01-01T01:00:00Z')))).toEqual(['2026-01-01', '2025-12-31', '2026-01-01']);
  });
});

describe('a journal as JSON', () => {
  it('is recognised by its first byte, and gives lines', async () => {
    const records = await recordsOf(fixture('basic'));
    expect(records).toHaveLength(290);
    expect(records.map((record) => record.line)).toEqual(records.map((_, index) => index + 1));
    expect(String(records[1]?.bytes)).toMatch(
      /^2026-11-25T00:03:16\.296505\+00:00 mx\.example\.com postfix\/smtpd\[18531\]: NOQUEUE: discard: RCPT from unknown\[203\.0\.113\.101\]/,
    );
  });

  it('has a record without bytes for each entry that Postfix did not send', async () => {
    const mixed = readFileSync(fixture('basic'), 'utf8') + readFileSync(fixture('local-forgery'), 'utf8');
    const records = await recordsOf(write(`${mixed}not JSON\n\n`));
    expect(records).toHaveLength(298);
    expect(records.flatMap((record) => (record.bytes ? [] : [record.line]))).toEqual([291, 292, 293, 294, 295, 296, 297, 298]);
  });

  it('leaves them out of batches, and says how many', async () => {
    const log = recordingLog();
    const archive = new Archive(fixture('local-forgery'), options({ log }));
    for await (const batch of archive.read(undefined, new AbortController().signal)) expect(batch.bytes).toHaveLength(0);
    expect(log.texts).toEqual([expect.stringMatching(/7 journal entries were not sent by Postfix and were left out$/)]);
  });

  it('is judged by the user id that is named', async () => {
    const records = await recordsOf(fixture('linklocal'), { postfixUid: 89 });
    expect(records.every((record) => record.bytes === undefined)).toBe(true);
  });

  it('is text when told so', async () => {
    const [first] = await recordsOf(fixture('basic'), { format: 'syslog' });
    expect(String(first?.bytes)).toMatch(/^\{"/);
  });
});
