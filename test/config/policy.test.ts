import { describe, expect, it } from 'vitest';
import { resolvePolicy } from '../../src/config/policy.ts';
import { schema, type Written } from '../../src/config/schema.ts';
import type { Policy } from '../../src/decision/options.ts';
import { refusal } from '../support/config/refusal.ts';
import { where } from '../support/config/where.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The policy of a jail with the options `own`, the section `defaults` and `more` top-level options, as they are written in YAML. */
function policyOf(own: object = {}, defaults: object = {}, more: object = {}): Policy {
  const value = schema.parse({ ...more, defaults, jails: { trap: own } });
  return resolvePolicy(value.jails?.['trap'] ?? {}, value, 'trap', where);
}

const growth = (own: object, defaults: object = {}): Policy['increment'] => policyOf(own, defaults).increment;

describe('the policy of a jail', () => {
  it('takes from the defaults only the options that the jail does not set', () => {
    const defaults = { maxretry: 5, findtime: '2h', bantime: '3h', ipv4_prefix: 24, ipv6_prefix: 48, ignoreip: '192.0.2.1' };
    const inherited = { maxretry: 5, findtime: 2 * HOUR, bantime: 3 * HOUR, ipv4Prefix: 24, ipv6Prefix: 48 };
    expect(policyOf({}, defaults)).toMatchObject({ ...inherited, ignoreip: ['192.0.2.1/32'] });
    const own = { maxretry: 1, findtime: '10m', bantime: '1h', ipv4_prefix: 32, ipv6_prefix: 64 };
    expect(policyOf(own, defaults)).toMatchObject({
      maxretry: 1,
      findtime: 600_000,
      bantime: HOUR,
      ipv4Prefix: 32,
      ipv6Prefix: 64,
      ignoreip: ['192.0.2.1/32'],
    });
  });

  it('has the bantime of the jail rather than of the defaults, also when one of the two is "forever"', () => {
    expect(policyOf({ bantime: 'forever' }, { bantime: '1h' })).toMatchObject({ bantime: null, increment: undefined });
    expect(policyOf({ bantime: '1h' }, { bantime: 'forever' })).toMatchObject({ bantime: HOUR, increment: { factor: 2 } });
    expect(policyOf({}, { bantime: 'forever' })).toMatchObject({ bantime: null, increment: undefined });
  });

  it('contains the allow-list of the defaults, then its own entries', () => {
    expect(policyOf({ ignoreip: ['192.0.2.2', '192.0.2.1'] }, { ignoreip: ['192.0.2.1'] }).ignoreip).toEqual([
      '192.0.2.1/32',
      '192.0.2.2/32',
      '192.0.2.1/32',
    ]);
  });
});

describe('the growth of bans', () => {
  it('stops at bantime_max, which by default is a day, or the length of a longer first ban', () => {
    expect(growth({})).toEqual({ factor: 2, max: DAY, forget: 30 * DAY });
    expect(growth({ bantime: '24h' })?.max).toBe(DAY);
    expect(growth({ bantime: '25h' })?.max).toBe(25 * HOUR);
    expect(growth({ bantime_max: '1h' })?.max).toBe(HOUR);
  });

  it('follows the options of the jail rather than the defaults', () => {
    const defaults = { bantime_factor: 3, bantime_max: '3d', bantime_forget: '3w' };
    expect(growth({}, defaults)).toEqual({ factor: 3, max: 3 * DAY, forget: 21 * DAY });
    expect(growth({ bantime_factor: 1, bantime_max: '1d', bantime_forget: '1w' }, defaults)).toEqual({
      factor: 1,
      max: DAY,
      forget: 7 * DAY,
    });
  });

  it('can be switched off and on by the jail', () => {
    expect(growth({ bantime_increment: false })).toBeUndefined();
    expect(growth({}, { bantime_increment: false })).toBeUndefined();
    expect(growth({ bantime_increment: true }, { bantime_increment: false })).toBeDefined();
  });
});

describe('a contradiction', () => {
  it.each([
    [
      { bantime_max: '59m' },
      {},
      'jails.trap.bantime_max value: "bantime_max: 59m" is shorter than "bantime: 1h", raise "bantime_max" or leave it out',
    ],
    [
      { bantime: '3h' },
      { bantime_max: '2h' },
      'defaults.bantime_max value: "bantime_max: 2h" is shorter than "bantime: 3h", raise "bantime_max" or leave it out',
    ],
    [
      { findtime: '91d' },
      {},
      'jails.trap.findtime value: "findtime" is longer than "hit_retention", shorten "findtime" or raise "hit_retention"',
    ],
    [
      {},
      { findtime: '91d' },
      'defaults.findtime value: "findtime" is longer than "hit_retention", shorten "findtime" or raise "hit_retention"',
    ],
  ])('of the jail %j and the defaults %j is refused at the place of the option', (own, defaults, message) => {
    expect(refusal(() => policyOf(own, defaults))).toBe(message);
  });

  it('is not reported at the exact limit, nor for an option without effect', () => {
    expect(policyOf({ findtime: '90d', bantime_max: '1h' })).toMatchObject({ findtime: 90 * DAY, increment: { max: HOUR } });
    expect(policyOf({ findtime: '100d' }, {}, { hit_retention: '100d' }).findtime).toBe(100 * DAY);
    expect(policyOf({ bantime_max: '1m', bantime_increment: false }).increment).toBeUndefined();
    expect(policyOf({ bantime_max: '1m', bantime: 'forever' }).increment).toBeUndefined();
  });

  it('in the defaults is reported at its place in the defaults when there is no jail', () => {
    const value: Written = schema.parse({ defaults: { bantime_max: '1m' } });
    expect(refusal(() => resolvePolicy({}, value, undefined, where))).toMatch(/^defaults\.bantime_max value: /);
  });
});
