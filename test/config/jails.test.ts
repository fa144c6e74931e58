import { describe, expect, it } from 'vitest';
import { defaults, jails } from '../../src/config/jails.ts';

const DAY = 86_400_000;

const fault = (written: unknown): string | undefined => {
  const issue = jails.safeParse(written).error?.issues[0];
  return issue && `${issue.path.join('.')}: ${issue.message}`;
};

describe('the defaults', () => {
  it('have a value for every option except bantime_max, which depends on bantime', () => {
    expect(defaults.parse({})).toEqual({
      maxretry: 1,
      findtime: 600_000,
      bantime: 3_600_000,
      bantime_increment: true,
      bantime_factor: 2,
      bantime_forget: 30 * DAY,
      ipv4_prefix: 32,
      ipv6_prefix: 64,
      ignoreip: [],
    });
  });

  it.each([
    ['maxretry', 1, 10_000],
    ['bantime_factor', 1, 1000],
    ['ipv4_prefix', 8, 32],
    ['ipv6_prefix', 16, 128],
  ])('accept %s from %j to %j', (key, least, most) => {
    for (const good of [least, most]) expect(defaults.safeParse({ [key]: good }).success).toBe(true);
    for (const bad of [least - 1, most + 1]) expect(defaults.safeParse({ [key]: bad }).success).toBe(false);
  });

  it('accept no filter, text, rules, sources or actions, which belong to a jail', () => {
    for (const key of ['filter', 'text', 'rules', 'enabled', 'sources', 'actions']) {
      expect(defaults.safeParse({ [key]: 'x' }).error?.issues[0]?.code).toBe('unrecognized_keys');
    }
  });
});

describe('a jail', () => {
  it.each([[{}], [null]])('that is written as %j is enabled, with every source and action and the shipped filter', (written) => {
    expect(jails.parse({ trap: written })).toEqual({
      trap: { enabled: true, filter: 'postfix-spamtrap', rules: {}, sources: 'all', actions: 'all' },
    });
  });

  it('accepts every option of the defaults, and has only the options that are set', () => {
    const set = {
      maxretry: 3,
      findtime: '1h',
      bantime: 'forever',
      bantime_increment: false,
      bantime_factor: 3,
      bantime_max: '2d',
      bantime_forget: '1w',
      ipv4_prefix: 24,
      ipv6_prefix: 48,
      ignoreip: ['192.0.2.1'],
    };
    expect(Object.keys(set).toSorted()).toEqual(Object.keys(defaults.shape).toSorted());
    expect(jails.parse({ trap: set })).toMatchObject({
      trap: {
        ...set,
        findtime: 3_600_000,
        bantime: null,
        bantime_max: 2 * DAY,
        bantime_forget: 7 * DAY,
        ignoreip: ['192.0.2.1/32'],
      },
    });
    expect(jails.parse({ trap: { maxretry: 3 } })?.['trap']).not.toHaveProperty('bantime');
  });

  it.each([
    [{ sources: [] }, 'trap.sources: an empty list selects no sources, name one or leave the option out'],
    [{ actions: [] }, 'trap.actions: an empty list selects no actions, name one or leave the option out'],
    [{ actions: null }, 'trap.actions: a list of actions, or "all", is expected'],
    [{ rules: ['client'] }, 'trap.rules: a mapping of rules to true or false is expected'],
    [{ rules: { client: 'off' } }, 'trap.rules.client: "off" is neither true nor false'],
    [{ text: 'x'.repeat(201) }, 'trap.text: text of 201 characters, at most 200 are allowed'],
    [5, 'trap: a mapping is expected'],
  ])('is refused with %j', (written, message) => {
    expect(fault({ trap: written })).toBe(message);
  });

  it('may have an empty value for rules', () => {
    expect(jails.parse({ trap: { rules: null } })).toMatchObject({ trap: { rules: {} } });
  });
});

describe('the name of a jail', () => {
  it.each(['trap', 'a', '-', '0', 'a'.repeat(64)])('can be %j', (name) => {
    expect(fault({ [name]: {} })).toBeUndefined();
  });

  it.each([
    ['manual', 'manual: is the name of bans by hand, choose another'],
    ['Trap', 'Trap: is no name for a jail, use a-z, 0-9 and hyphens'],
    ['a b', 'a b: is no name for a jail, use a-z, 0-9 and hyphens'],
    ['', ': is no name for a jail, use a-z, 0-9 and hyphens'],
    ['a'.repeat(65), `${'a'.repeat(65)}: is no name for a jail, use a-z, 0-9 and hyphens`],
    ['trap\n', 'trap\n: is no name for a jail, use a-z, 0-9 and hyphens'],
  ])('cannot be: %j', (name, message) => {
    expect(fault({ [name]: {} })).toBe(message);
  });
});
