import { describe, expect, it } from 'vitest';
import { parseTimestamp } from '../../src/lib/timestamp.ts';

const NEAR = Date.parse('2026-06-01T00:00:00Z');

const read = (line: string, near: string | number = NEAR, zone = 'UTC'): string | undefined => {
  const stamp = parseTimestamp(line, typeof near === 'number' ? near : Date.parse(near), zone);
  return stamp && new Date(stamp.at).toISOString();
};

describe('parseTimestamp', () => {
  it.each([
    ['Nov 25 00:03:16 mx postfix/smtpd[1]: x', '2026-11-25T00:03:16.000Z', 15],
    ['Nov  5 00:03:16 mx postfix/smtpd[1]: x', '2026-11-05T00:03:16.000Z', 15],
    ['Nov 05 00:03:16 mx', '2026-11-05T00:03:16.000Z', 15],
    ['Nov 5 00:03:16 mx', '2026-11-05T00:03:16.000Z', 14],
    ['<22>Nov 25 00:03:16 mx', '2026-11-25T00:03:16.000Z', 19],
    ['Nov 25 2024 00:03:16 mx', '2024-11-25T00:03:16.000Z', 20],
    ['Nov 25 00:03:16.25 mx', '2026-11-25T00:03:16.250Z', 18],
    ['2026-11-25T00:03:16.296505+00:00 mx postfix/smtpd[1]: x', '2026-11-25T00:03:16.296Z', 32],
    ['2026-11-25T00:03:16Z mx', '2026-11-25T00:03:16.000Z', 20],
    ['2026-11-25T00:03:16-05:30 mx', '2026-11-25T05:33:16.000Z', 25],
    ['2026-11-25T00:03:16+0530 mx', '2026-11-24T18:33:16.000Z', 24],
    ['2026-11-25 00:03:16 mx', '2026-11-25T00:03:16.000Z', 19],
    ['<22>1 2026-11-25T00:03:16.296505+01:00 mx postfix - - -  x', '2026-11-24T23:03:16.296Z', 38],
    ['<22>2026-11-25T00:03:16+01:00 mx', '2026-11-24T23:03:16.000Z', 29],
    ['2026-11-25T00:03:16', '2026-11-25T00:03:16.000Z', 19],
    ['2016-12-31T23:59:60Z mx', '2017-01-01T00:00:00.000Z', 20],
  ])('reads %s', (line, expected, length) => {
    expect(read(line)).toBe(expected);
    expect(parseTimestamp(line, NEAR, 'UTC')?.length).toBe(length);
  });

  it.each([
    '',
    'mx postfix/smtpd[1]: x',
    ' Nov 25 00:03:16 mx',
    'nov 25 00:03:16 mx',
    'Nov 31 00:03:16 mx',
    'Feb 30 00:03:16 mx',
    'Nov  0 00:03:16 mx',
    'Nov 25 24:00:00 mx',
    'Nov 25 00:60:00 mx',
    'Nov 25 00:03:61 mx',
    'Nov 25 00:03:16mx',
    'Feb 29 2025 00:03:16 mx',
    '2025-02-29T00:03:16Z mx',
    '2026-13-01T00:03:16Z mx',
    '2026-00-01T00:03:16Z mx',
    '0026-01-01T00:03:16Z mx',
    '2026-11-25T00:03:16Zmx',
    '<9999>Nov 25 00:03:16 mx',
    `${'<'.repeat(5000)}Nov 25 00:03:16 mx`,
  ])('finds no time in %s', (line) => {
    expect(read(line)).toBeUndefined();
  });

  it('looks at the start of a line only, however long the line', () => {
    expect(read(`Nov 25 00:03:16 ${'9'.repeat(5_000_000)}`)).toBe('2026-11-25T00:03:16.000Z');
    expect(read(`2026-11-25T00:03:16.${'9'.repeat(5_000_000)}`)).toBeUndefined();
  });

  it.each([
    ['T01: the last leap day', 'Feb 29 23:59:59 mx', '2025-03-01T10:00:00Z', '2024-02-29T23:59:59.000Z'],
    ['T01: the next leap day when that is nearer', 'Feb 29 00:00:00 mx', '2027-06-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['T01: over a century that has none', 'Feb 29 00:00:00 mx', '2099-01-01T00:00:00Z', '2096-02-29T00:00:00.000Z'],
    ['T03: next year just after midnight', 'Jan  1 00:00:02 mx', '2025-12-31T23:59:50Z', '2026-01-01T00:00:02.000Z'],
    ['last year when read in January', 'Dec 31 23:59:59 mx', '2026-01-02T00:00:00Z', '2025-12-31T23:59:59.000Z'],
    ['T04: the day after, not a year before', 'Jun  2 12:30:00 mx', '2025-06-01T10:00:00Z', '2025-06-02T12:30:00.000Z'],
  ])('puts a date without a year into the nearest one: %s', (_, line, near, expected) => {
    expect(read(line, near)).toBe(expected);
  });

  it('T03: takes midnight of the zone, not of UTC', () => {
    expect(read('Jan  1 00:30:00 mx', '2025-12-31T23:31:00Z', 'Europe/Berlin')).toBe('2025-12-31T23:30:00.000Z');
  });

  it.each([
    ['Mar 30 01:59:59 mx', '2025-03-30T00:59:59.000Z'],
    ['Mar 30 02:30:00 mx', '2025-03-30T01:30:00.000Z'], // 03:30 on the clock
    ['Mar 30 03:00:00 mx', '2025-03-30T01:00:00.000Z'],
  ])('T06: moves a time that the clocks skipped forward: %s', (line, expected) => {
    expect(read(line, '2025-03-30T12:00:00Z', 'Europe/Berlin')).toBe(expected);
  });

  it.each([
    ['in the first of the two hours', '2025-10-26T00:31:00Z', '2025-10-26T00:30:00.000Z'],
    ['in the second of the two hours', '2025-10-26T01:31:00Z', '2025-10-26T01:30:00.000Z'],
    ['a month later', '2025-11-26T00:00:00Z', '2025-10-26T00:30:00.000Z'],
    ['a month before', '2025-09-26T00:00:00Z', '2025-10-26T00:30:00.000Z'],
  ])('T06: reads a time shown twice as the nearer one, else the first: %s', (_, near, expected) => {
    expect(read('Oct 26 02:30:00 mx', near, 'Europe/Berlin')).toBe(expected);
  });

  it('T06: knows zones that move by half an hour', () => {
    expect(read('Apr  5 01:45:00 mx', '2026-04-05T00:00:00Z', 'Australia/Lord_Howe')).toBe('2026-04-04T14:45:00.000Z');
    expect(read('Apr  5 01:45:00 mx', '2026-04-04T15:16:00Z', 'Australia/Lord_Howe')).toBe('2026-04-04T15:15:00.000Z');
  });

  it.each(['Europe/London', 'Asia/Tokyo', 'UTC'])('T07: goes by the offset in the line whatever the zone is: %s', (zone) => {
    expect(read('2026-07-01T10:00:00+02:00 mx', NEAR, zone)).toBe('2026-07-01T08:00:00.000Z');
  });

  // Rows of the forms of dates that fail2ban's detector knows; all but the last group are the same instant.
  it.each([
    ['Jan 23 21:59:59', '2005-01-23T20:59:59.000Z'],
    ['Jan 23 2005 21:59:59', '2005-01-23T20:59:59.000Z'],
    ['Sun Jan 23 21:59:59 2005', '2005-01-23T20:59:59.000Z'],
    ['2005-01-23 21:59:59', '2005-01-23T20:59:59.000Z'],
    ['2005-01-23 21:59:59,000', '2005-01-23T20:59:59.000Z'],
    ['2005-01-23T21:59:59', '2005-01-23T20:59:59.000Z'],
    ['2005-01-23T20:59:59Z', '2005-01-23T20:59:59.000Z'],
    ['2005-01-23T15:59:59-05:00', '2005-01-23T20:59:59.000Z'],
    ['2005-01-23T21:59:59+0100', '2005-01-23T20:59:59.000Z'],
    ['2005-01-23T20:59:59.252Z', '2005-01-23T20:59:59.252Z'],
    ['2005-01-23T21:59:59.981746+02:00', '2005-01-23T19:59:59.981Z'],
    // Not written by a syslog daemon or Postfix.
    ['23/Jan/2005:21:59:59 +0100', undefined],
    ['01/23/2005:21:59:59', undefined],
    ['23-Jan-2005 21:59:59', undefined],
    ['@4000000041f4104f00000000', undefined],
    ['1106513999', undefined],
  ])('T12: reads %s as %s', (text, expected) => {
    expect(read(`${text} mx x`, '2005-06-01T00:00:00Z', 'Europe/Zurich')).toBe(expected);
  });

  it('uses the zone of the process when told none', () => {
    const expected = new Date(2026, 10, 25, 0, 3, 16).getTime();
    expect(parseTimestamp('Nov 25 00:03:16 mx', NEAR)?.at).toBe(expected);
  });
});
