import { describe, expect, it } from 'vitest';
import { banTime, offenceNumber } from '../../src/decision/bantime.ts';
import { DAY, HOUR, NOON } from '../support/decision-words.ts';

const doubling = { factor: 2, max: DAY, forget: 30 * DAY };

describe('banTime', () => {
  it.each([
    [1, HOUR],
    [2, 2 * HOUR],
    [3, 4 * HOUR],
    [5, 16 * HOUR],
    [6, DAY],
    [60, DAY],
  ])('of offence %i is %i ms when it doubles', (offence, millis) => {
    expect(banTime(HOUR, doubling, offence)).toBe(millis);
  });

  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 400])('B06: of offence %i with factor 16 is capped and finite', (offence) => {
    expect(banTime(HOUR, { ...doubling, factor: 16 }, offence)).toBe(offence === 2 ? 16 * HOUR : DAY);
  });

  it('is the same for every offence without an increment', () => {
    expect(banTime(HOUR, undefined, 7)).toBe(HOUR);
  });

  it('for ever stays for ever', () => {
    expect(banTime(null, doubling, 3)).toBeNull();
  });

  it('of a first ban longer than the maximum is not cut', () => {
    expect(banTime(7 * DAY, doubling, 1)).toBe(7 * DAY);
    expect(banTime(7 * DAY, doubling, 2)).toBe(7 * DAY);
  });

  it('is a whole number of milliseconds', () => {
    expect(banTime(1001, { ...doubling, factor: 1.5 }, 2)).toBe(1502);
  });
});

describe('offenceNumber', () => {
  const past = { bannedUntil: undefined, lastOffence: NOON, offences: 4 };

  it('is one for a stranger', () => {
    expect(offenceNumber({ bannedUntil: undefined, lastOffence: undefined, offences: 0 }, NOON, DAY)).toBe(1);
  });

  it('goes on from the last offence', () => {
    expect(offenceNumber(past, NOON + DAY, 30 * DAY)).toBe(5);
  });

  it('B06: begins again after a quiet time', () => {
    expect(offenceNumber(past, NOON + 31 * DAY, 30 * DAY)).toBe(1);
  });

  it('goes on for a hit of an older log when it is near the last offence', () => {
    expect(offenceNumber(past, NOON - DAY, 30 * DAY)).toBe(5);
    expect(offenceNumber(past, NOON - 31 * DAY, 30 * DAY)).toBe(1);
  });
});
