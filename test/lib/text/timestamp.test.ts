import { describe, expect, it } from 'vitest';
import { parseTimestamp, type Timestamp } from '../../../src/lib/text/timestamp.ts';
import { inZone } from '../../support/zone.ts';

const NEAR = Date.parse('2026-06-01T00:00:00Z');

const stampOf = (line: string, near: string | number, zone: string): Timestamp | undefined =>
  inZone(zone, () => parseTimestamp(line, typeof near === 'number' ? near : Date.parse(near)));

/** Returns the time of a line, as a process with the time zone `zone` reads it. */
const read = (line: string, near: string | number = NEAR, zone = 'UTC'): string | undefined => {
  const stamp = stampOf(line, near, zone);
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
    [' Nov 25 00:03:16 mx', '2026-11-25T00:03:16.000Z', 16],
    ['\xef\xbb\xbfNov 25 00:03:16 mx', '2026-11-25T00:03:16.000Z', 18],
    ['nov 25 00:03:16 mx', '2026-11-25T00:03:16.000Z', 15],
    ['d\xc3\xa9c. 25 00:03:16 mx', '2025-12-25T00:03:16.000Z', 17],
    ['apr   25 00:03:16 mx', '2026-04-25T00:03:16.000Z', 17],
    ['289 <22>1 2026-11-25T00:03:16Z mx', '2026-11-25T00:03:16.000Z', 30],
    ['2024 Nov 25 00:03:16.5 mx', '2024-11-25T00:03:16.500Z', 22],
    ['2024.11.25 00:03:16 mx', '2024-11-25T00:03:16.000Z', 19],
    ['2024/11/25\t00:03:16\tmx', '2024-11-25T00:03:16.000Z', 19],
    ['2024 11 25 00:03:16 mx', '2024-11-25T00:03:16.000Z', 19],
    ['2026-11-25T00:03Z mx', '2026-11-25T00:03:00.000Z', 17],
    ['2026-11-25T00:03:16+02 mx', '2026-11-24T22:03:16.000Z', 22],
    ['2026-11-25 00:03:16 -0530 mx', '2026-11-25T05:33:16.000Z', 25],
    ['Sat 2026-11-28 17:00:00 UTC mx', '2026-11-28T17:00:00.000Z', 27],
    ['Sat Nov 28 17:00:00 2020 mx', '2020-11-28T17:00:00.000Z', 24],
    ['Sat Nov 28 17:00:00 UTC 2020 mx', '2020-11-28T17:00:00.000Z', 28],
    ['Sat Nov 28 17:00:00 mx', '2026-11-28T17:00:00.000Z', 19],
    ['Nov 28 17:00:00 2020 mx', '2026-11-28T17:00:00.000Z', 15],
    ['mail.info: Nov 28 17:00:00 mx', '2026-11-28T17:00:00.000Z', 26],
    ['192.0.2.1: mail.info: Nov 28 17:00:00 mx', '2026-11-28T17:00:00.000Z', 37],
    ['2026-11-28_17:00:00.12345 mail.info: Nov 28 18:00:00 x', '2026-11-28T17:00:00.123Z', 25],
    ['1795885200 mx', '2026-11-28T17:00:00.000Z', 10],
    ['@400000006a1f4d2a075bca00 mx', '2026-06-02T21:37:36.123Z', 25],
    ['@400000006a1f4d2a mx', '2026-06-02T21:37:36.000Z', 17],
  ])('reads %s', (line, expected, length) => {
    expect(read(line)).toBe(expected);
    expect(stampOf(line, NEAR, 'UTC')?.length).toBe(length);
  });

  it.each([
    '',
    'mx postfix/smtpd[1]: x',
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
    '2026-11-25T00:03:16+19:00 mx',
    '2026-11-25T00:03:16+01:60 mx',
    '2026-11/25 00:03:16 mx',
    '0000-11-25T00:03:16Z mx',
    'lis 25 00:03:16 mx',
    'Xyz 25 00:03:16 mx',
    '@0000000065a1b2c33b6e1a8c mx',
    '@7fffffffffffffff mx',
    '12345678 mx',
    '17958852000 mx',
    '<9999>Nov 25 00:03:16 mx',
    `${'<'.repeat(5000)}Nov 25 00:03:16 mx`,
  ])('finds no time in %s', (line) => {
    expect(read(line)).toBeUndefined();
  });

  it('reads only the start of a line of any length', () => {
    expect(read(`Nov 25 00:03:16 ${'9'.repeat(5_000_000)}`)).toBe('2026-11-25T00:03:16.000Z');
    expect(read(`2026-11-25T00:03:16.${'9'.repeat(5_000_000)}`)).toBeUndefined();
  });

  it.each([
    ['T01: the last leap day', 'Feb 29 23:59:59 mx', '2025-03-01T10:00:00Z', '2024-02-29T23:59:59.000Z'],
    ['T01: the next leap day if that is nearer', 'Feb 29 00:00:00 mx', '2027-06-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    [
      'T01: the last leap day, also near a century year without one',
      'Feb 29 00:00:00 mx',
      '2099-01-01T00:00:00Z',
      '2096-02-29T00:00:00.000Z',
    ],
    ['T03: the next year just after midnight', 'Jan  1 00:00:02 mx', '2025-12-31T23:59:50Z', '2026-01-01T00:00:02.000Z'],
    ['the last year if the line is read in January', 'Dec 31 23:59:59 mx', '2026-01-02T00:00:00Z', '2025-12-31T23:59:59.000Z'],
    ['T04: tomorrow instead of the day a year before', 'Jun  2 12:30:00 mx', '2025-06-01T10:00:00Z', '2025-06-02T12:30:00.000Z'],
  ])('puts a date without a year into the nearest year: %s', (_, line, near, expected) => {
    expect(read(line, near)).toBe(expected);
  });

  it('T03: uses the midnight of the time zone, not of UTC', () => {
    expect(read('Jan  1 00:30:00 mx', '2025-12-31T23:31:00Z', 'Europe/Berlin')).toBe('2025-12-31T23:30:00.000Z');
  });

  it.each([
    ['Mar 30 01:59:59 mx', '2025-03-30T00:59:59.000Z'],
    ['Mar 30 02:30:00 mx', '2025-03-30T01:30:00.000Z'], // 03:30 local time
    ['Mar 30 03:00:00 mx', '2025-03-30T01:00:00.000Z'],
  ])('T06: moves a time that the clocks skip in spring by one hour, and no other time: %s', (line, expected) => {
    expect(read(line, '2025-03-30T12:00:00Z', 'Europe/Berlin')).toBe(expected);
  });

  it.each([
    ['for a line that is read in the first of the two hours', '2025-10-26T00:31:00Z', '2025-10-26T00:30:00.000Z'],
    ['for a line that is read in the second of the two hours', '2025-10-26T01:31:00Z', '2025-10-26T01:30:00.000Z'],
    ['for a line that is read a month later', '2025-11-26T00:00:00Z', '2025-10-26T00:30:00.000Z'],
    ['for a line that is read a month before', '2025-09-26T00:00:00Z', '2025-10-26T00:30:00.000Z'],
  ])(
    'T06: reads a local time that occurs twice as the nearer instant within hours of it, and otherwise as the first instant: %s',
    (_, near, expected) => {
      expect(read('Oct 26 02:30:00 mx', near, 'Europe/Berlin')).toBe(expected);
    },
  );

  it('T06: reads local times of a zone whose clocks change by half an hour', () => {
    expect(read('Apr  5 01:45:00 mx', '2026-04-05T00:00:00Z', 'Australia/Lord_Howe')).toBe('2026-04-04T14:45:00.000Z');
    expect(read('Apr  5 01:45:00 mx', '2026-04-04T15:16:00Z', 'Australia/Lord_Howe')).toBe('2026-04-04T15:15:00.000Z');
  });

  it.each(['Europe/London', 'Asia/Tokyo', 'UTC'])(
    'T07: uses the offset that the line contains, whatever the time zone: %s',
    (zone) => {
      expect(read('2026-07-01T10:00:00+02:00 mx', NEAR, zone)).toBe('2026-07-01T08:00:00.000Z');
    },
  );

  it('reads the time of svlogd -ttt in UTC, and every other time without an offset as local time', () => {
    expect(read('2026-11-28T17:00:00.12345 mail.info: Nov 28 18:00:00 x', NEAR, 'Europe/Berlin')).toBe('2026-11-28T17:00:00.123Z');
    expect(read('2026-11-28_17:00:00.12345 mail.info: Nov 28 18:00:00 x', NEAR, 'Europe/Berlin')).toBe('2026-11-28T17:00:00.123Z');
    expect(read('2026-11-28T17:00:00.12345 mx', NEAR, 'Europe/Berlin')).toBe('2026-11-28T16:00:00.123Z');
    expect(read('mail.info: Nov 28 17:00:00 x', NEAR, 'Europe/Berlin')).toBe('2026-11-28T16:00:00.000Z');
  });

  // Date formats that fail2ban detects. The rows without an expected time have formats that no syslog daemon and no Postfix writes.
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
    ['23/Jan/2005:21:59:59 +0100', undefined],
    ['01/23/2005:21:59:59', undefined],
    ['23-Jan-2005 21:59:59', undefined],
    ['@4000000041f4104f00000000', '2005-01-23T20:59:49.000Z'], // fail2ban reads it 10 s later, without the seconds of TAI.
    ['1106513999', '2005-01-23T20:59:59.000Z'],
  ])('T12: reads %s as %s', (text, expected) => {
    expect(read(`${text} mx x`, '2005-06-01T00:00:00Z', 'Europe/Zurich')).toBe(expected);
  });

  it.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'])(
    'agrees with Date about one time on each day of a year in %s',
    (zone) => {
      const found = inZone(zone, () =>
        Array.from({ length: 365 }, (_, day) => {
          const date = new Date(2026, 0, day + 1, 12, 34, 56);
          const text = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
          return [parseTimestamp(`${text} 12:34:56 mx`, NEAR)?.at, date.getTime()];
        }),
      );
      expect(found.filter(([at, expected]) => at !== expected)).toEqual([]);
    },
  );

  it('T06: moves a time on a day that a zone has skipped by one day', () => {
    expect(read('Dec 30 2011 12:00:00 mx', NEAR, 'Pacific/Apia')).toBe('2011-12-30T22:00:00.000Z'); // 31 December, 12:00 local time.
  });

  // 02:30 occurs at 00:30Z and at 01:30Z.
  it.each([
    ['two hours after the second instant', '2025-10-26T03:30:00Z', '2025-10-26T01:30:00.000Z'],
    ['two hours and a second after the second instant', '2025-10-26T03:30:01Z', '2025-10-26T00:30:00.000Z'],
    ['in the middle between the instants', '2025-10-26T01:00:00Z', '2025-10-26T00:30:00.000Z'],
    ['a second after the middle between the instants', '2025-10-26T01:00:01Z', '2025-10-26T01:30:00.000Z'],
  ])('T06: chooses between the two instants of a local time that occurs twice, for a line that is read %s', (_, near, expected) => {
    expect(read('Oct 26 02:30:00 mx', near, 'Europe/Berlin')).toBe(expected);
  });

  it('puts a date without a year at most half a year from `near`', () => {
    expect(read('Jun 30 00:00:00 mx', '2025-12-29T00:00:00Z')).toBe('2025-06-30T00:00:00.000Z');
    expect(read('Jun 29 00:00:00 mx', '2025-12-29T00:00:00Z')).toBe('2026-06-29T00:00:00.000Z');
    expect(read('Dec 30 00:00:00 mx', '2025-07-01T00:00:00Z')).toBe('2025-12-30T00:00:00.000Z');
  });
});
