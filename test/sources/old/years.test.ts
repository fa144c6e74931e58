import { describe, expect, it } from 'vitest';
import { ForwardYears, marksBefore, samplesIn, samplesOf, type Mark } from '../../../src/sources/old/years.ts';

const DAY = 86_400_000;

/** A log with one line every `step` milliseconds, without years. */
function logOf(from: string, to: string, step = DAY): Buffer {
  const lines: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += step) {
    const [, month = '', day = '', time = ''] = /^\w+, (\d+) (\w+) \d+ ([\d:]+)/.exec(new Date(at).toUTCString()) ?? [];
    lines.push(`${day} ${month.replace(/^0/, ' ')} ${time} mx postfix/smtpd[1]: ${'x'.repeat(300)}\n`);
  }
  return Buffer.from(lines.join(''));
}

const reading = (log: Buffer) => (offset: number, length: number) => log.subarray(offset, offset + length);
const years = (marks: readonly Mark[]): number[] => [...new Set(marks.map((mark) => new Date(mark.at).getUTCFullYear()))];

describe('marksBefore', () => {
  it('T10: uses the year in which the file was modified, and not the year nearest to now', () => {
    const log = Buffer.from('Nov 29 10:00:00 mx a\nNov 30 10:00:00 mx b\n');
    const marks = marksBefore(samplesOf(reading(log), log.length), Date.parse('2024-11-30T12:00:00Z'));
    expect(marks.map((mark) => new Date(mark.at).toISOString())).toEqual(['2024-11-29T10:00:00.000Z']);
  });

  it('T10: finds the years by the order of the lines', () => {
    const log = logOf('2021-03-01T00:00:00Z', '2024-11-30T00:00:00Z');
    const marks = marksBefore(samplesOf(reading(log), log.length), Date.parse('2024-12-01T00:00:00Z'));
    expect(years(marks)).toEqual([2021, 2022, 2023, 2024]);
    expect(new Date(marks[0]?.at ?? 0).toISOString()).toBe('2021-03-01T00:00:00.000Z');
  });

  it('uses the last possible year before the time of the file when the file was copied months later', () => {
    const marks = marksBefore([{ offset: 0, line: 'Nov 30 10:00:00 mx' }], Date.parse('2026-06-01T00:00:00Z'));
    expect(years(marks)).toEqual([2025]);
  });

  it('T08: does not change the year for a late line', () => {
    const samples = ['Jan  1 00:05:00', 'Dec 31 23:59:00', 'Jan  1 00:06:00'].map((line, index) => ({
      offset: index * 100,
      line: `${line} mx`,
    }));
    expect(years(marksBefore(samples, Date.parse('2026-01-01T12:00:00Z')))).toEqual([2026]);
  });

  it('T01: reads 29 February as the last leap day', () => {
    const marks = marksBefore([{ offset: 0, line: 'Feb 29 10:00:00 mx' }], Date.parse('2027-06-01T00:00:00Z'));
    expect(years(marks)).toEqual([2024]);
  });

  it('has no mark for lines without a time', () => {
    expect(marksBefore([{ offset: 0, line: 'hello' }], 0)).toEqual([]);
  });
});

describe('ForwardYears', () => {
  it('begins with the last possible year before the end, and counts forward', () => {
    const forward = new ForwardYears(Date.parse('2026-02-01T00:00:00Z'));
    const log = logOf('2025-11-01T00:00:00Z', '2026-01-31T00:00:00Z');
    const marks = forward.marks(samplesIn(log, 0));
    expect(years(marks)).toEqual([2025, 2026]);
    expect(new Date(marks[0]?.at ?? 0).toISOString()).toBe('2025-11-01T00:00:00.000Z');
  });

  it('uses no year after the end, even if logs come in the wrong order', () => {
    const forward = new ForwardYears(Date.parse('2026-06-02T00:00:00Z'));
    const samples = ['Jun  1 00:00:00', 'Mar  1 00:00:00', 'Apr  1 00:00:00'].map((line, offset) => ({
      offset,
      line: `${line} mx`,
    }));
    expect(years(forward.marks(samples))).toEqual([2026]);
  });
});

describe('samplesOf', () => {
  it('returns more than a thousand lines of a large log, each from the start of the line', () => {
    const log = logOf('2025-01-01T00:00:00Z', '2025-12-31T00:00:00Z', 600_000);
    const samples = samplesOf(reading(log), log.length);
    expect(samples.length).toBeGreaterThan(1000);
    expect(samples.length).toBeLessThanOrEqual(4097);
    expect(samples.every((sample) => /^[A-Z][a-z]{2} [ \d]\d \d\d:/.test(sample.line))).toBe(true);
    expect(samples.every(({ offset }) => offset === 0 || log[offset - 1] === 0x0a)).toBe(true);
  });
});
