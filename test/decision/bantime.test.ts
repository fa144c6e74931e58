import { describe, expect, it } from 'vitest';
import { banTime, offenceNumber } from '../../src/decision/bantime.ts';
import { DAY, HOUR, NOON } from '../support/decision/words.ts';

const doubling = { factor: 2, max: DAY, forget: 30 * DAY };

describe('banTime', () => {
  it.each([
    [1, HOUR],
    [2, 2 * HOUR],
    [3, 4 * HOUR],
    [5, 16 * HOUR],
    [6, DAY],
    [60, DAY],
  ])('for offence %i is %i ms with a factor of 2', (offence, millis) => {
    expect(banTime(HOUR, doubling, offence)).toBe(millis);
  });

  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 400])('B06: for offence %i with factor 16 is limited and finite', (offence) => {
    expect(banTime(HOUR, { ...doubling, factor: 16 }, offence)).toBe(offence === 2 ? 16 * HOUR : DAY);
  });

  it('does not grow without an increment', () => {
    expect(banTime(HOUR, undefined, 7)).toBe(HOUR);
  });

  it('does not end when bantime is forever', () => {
    expect(banTime(null, doubling, 3)).toBeNull();
  });

  it('is not shortened for a first ban that is longer than the maximum', () => {
    expect(banTime(7 * DAY, doubling, 1)).toBe(7 * DAY);
    expect(banTime(7 * DAY, doubling, 2)).toBe(7 * DAY);
  });

  it('is a whole number of milliseconds', () => {
    expect(banTime(1001, { ...doubling, factor: 1.5 }, 2)).toBe(1502);
  });
});

describe('offenceNumber', () => {
  const past = { bannedUntil: undefined, lastOffence: NOON, offences: 4 };

  it('is one for a new client', () => {
    expect(offenceNumber({ bannedUntil: undefined, lastOffence: undefined, offences: 0 }, NOON, DAY)).toBe(1);
  });

  it('is one more than the number of the last offence', () => {
    expect(offenceNumber(past, NOON + DAY, 30 * DAY)).toBe(5);
  });

  it('is a safe number, whatever the number of the last offence', () => {
    expect(offenceNumber({ ...past, offences: Number.MAX_SAFE_INTEGER }, NOON, DAY)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('B06: is one again after a quiet time above bantime_forget', () => {
    expect(offenceNumber(past, NOON + 30 * DAY, 30 * DAY)).toBe(5);
    expect(offenceNumber(past, NOON + 30 * DAY + 1, 30 * DAY)).toBe(1);
  });

  it('is never reset without an increment', () => {
    expect(offenceNumber(past, NOON + 4000 * DAY, undefined)).toBe(5);
  });

  it('is one more also for a hit that is earlier than the last offence, within bantime_forget', () => {
    expect(offenceNumber(past, NOON - 30 * DAY, 30 * DAY)).toBe(5);
    expect(offenceNumber(past, NOON - 30 * DAY - 1, 30 * DAY)).toBe(1);
  });
});
