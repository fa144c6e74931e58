import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatRemaining, parseDuration } from '../../../src/lib/text/duration.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('parseDuration', () => {
  it.each([
    ['1h', HOUR],
    ['10m', 10 * MINUTE],
    ['90s', 90_000],
    ['7d', 7 * DAY],
    ['4w', 28 * DAY],
    ['1h30m', 90 * MINUTE],
    ['1h 30m', 90 * MINUTE],
    ['2 days', 2 * DAY],
    ['1 week 1 hour', 7 * DAY + HOUR],
    ['5 min', 5 * MINUTE],
    ['600', 600_000],
    ['0', 0],
    ['36500d', 36_500 * DAY],
  ])('reads %j', (text, millis) => {
    expect(parseDuration(text)).toBe(millis);
  });

  it.each([
    '',
    ' ',
    'h',
    '-1',
    '-5m',
    '1.5h',
    '1h30',
    '10 mi',
    '1y',
    '1H',
    '٣h',
    '1h\n',
    ' 1h',
    '99999999999',
    '9999999999w',
    '36500d 1s',
    'forever',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('takes linear time and never throws, for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const millis = parseDuration(text);
        expect(millis === undefined || (Number.isSafeInteger(millis) && millis >= 0)).toBe(true);
      }),
    );
    expect(parseDuration('1h'.repeat(500_000))).toBe(500_000 * HOUR);
    expect(parseDuration('1h'.repeat(1_000_000))).toBeUndefined();
  });
});

describe('formatRemaining', () => {
  it.each([
    [0, '0s'],
    [59_700, '1m'],
    [3_599_400, '59m 59s'],
    [3_599_700, '1h'],
    [7_199_900, '2h'],
    [7_100_000, '1h 58m'],
    [86_399_000, '1d'],
    [604_799_000, '1w'],
    [14 * 86_400_000 - 5000, '2w'],
  ])('writes %i ms as "%s"', (millis, text) => {
    expect(formatRemaining(millis)).toBe(text);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [-5, '0s'],
    [999, '0s'],
    [45_000, '45s'],
    [90 * MINUTE, '1h 30m'],
    [DAY + 5_000, '1d'],
    [HOUR + 59_999, '1h'],
    [15 * DAY, '2w 1d'],
  ])('writes %d as %j', (millis, text) => {
    expect(formatDuration(millis)).toBe(text);
  });

  it('writes a text that parseDuration can read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 * 365 * DAY }), (millis) => {
        const read = parseDuration(formatDuration(millis)) ?? Number.NaN;
        expect(read).toBeLessThanOrEqual(millis);
        expect(formatDuration(read)).toBe(formatDuration(millis));
      }),
    );
  });
});
