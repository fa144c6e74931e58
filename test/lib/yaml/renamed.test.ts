import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formerName } from '../../../src/lib/yaml/renamed.ts';
import { parseYaml } from '../../../src/lib/yaml/yaml.ts';
import { refusal } from '../../support/config/refusal.ts';

const maxretry = z.int().meta({ description: 'Hits that lead to a ban.', formerly: 'maxretries' });
const schema = z.strictObject({
  log_level: z.string().prefault('info').meta({ formerly: 'loglevel' }),
  defaults: z.strictObject({ maxretry: maxretry.prefault(1) }).optional(),
  jails: z.record(z.string(), z.strictObject({ maxretry: maxretry.optional(), sync: z.string().optional() }).nullish()).default({}),
  sources: z
    .array(z.union([z.string(), z.strictObject({ from: z.string().meta({ formerly: 'start' }) })]))
    .default([])
    .meta({ formerly: 'logs' }),
});

const read = (text: string) => parseYaml(text, 'f', schema);

describe('an option that was renamed', () => {
  it.each([
    ['at the top', 'loglevel: debug\n', { log_level: 'debug' }],
    ['in a section', 'defaults: {maxretries: 3}\n', { defaults: { maxretry: 3 } }],
    ['under a name that the operator chose', 'jails: {trap: {maxretries: 3}}\n', { jails: { trap: { maxretry: 3 } } }],
    ['in an entry of a renamed list', 'logs: [/a, {start: end}]\n', { sources: ['/a', { from: 'end' }] }],
    [
      'in a mapping with an anchor',
      'jails: {a: &a {maxretries: 3}, b: *a}\n',
      { jails: { a: { maxretry: 3 }, b: { maxretry: 3 } } },
    ],
  ])('is read under its former name: %s', (_, text, value) => {
    expect(read(text).value).toMatchObject(value);
    expect(read(text).notices.length).toBeGreaterThan(0);
  });

  it('is read under its present name without a notice', () => {
    const { value, notices } = read('log_level: debug\njails: {trap: {maxretry: 3}}\n');
    expect(value).toMatchObject({ log_level: 'debug', jails: { trap: { maxretry: 3 } } });
    expect(notices).toEqual([]);
  });

  it('leads to one notice, with the first place of its former name', () => {
    expect(read('jails:\n  a:\n    maxretries: 3\n  b:\n    maxretries: 4\nloglevel: info\n').notices.toSorted()).toEqual([
      'f:3:5: "maxretries" is the former name of "maxretry" and still works; write "maxretry"',
      'f:6:1: "loglevel" is the former name of "log_level" and still works; write "log_level"',
    ]);
  });

  it('appears with its present name, but in its place in the file, in messages about its value', () => {
    const { where } = read('jails:\n  trap:\n    maxretries: 3\n');
    expect(where(['jails', 'trap', 'maxretry'])).toBe('f:3:17');
    expect(where(['jails', 'trap', 'maxretry'], 'key')).toBe('f:3:5');
    expect(refusal(() => read('defaults:\n  maxretries: many\n'))).toMatch(/^f:2:15: "defaults\.maxretry": /);
  });

  it('is refused when it is written under both names', () => {
    expect(refusal(() => read('jails:\n  trap:\n    maxretry: 2\n    maxretries: 3\n'))).toBe(
      'f:4:5: "maxretries" is the former name of "maxretry", which is set too; keep one of them',
    );
  });

  it('is not read where its former name is a name that the operator chose, or stands in another section', () => {
    expect(read('jails: {maxretries: {maxretry: 2}}\n')).toMatchObject({
      value: { jails: { maxretries: { maxretry: 2 } } },
      notices: [],
    });
    expect(refusal(() => read('jails: {trap: {loglevel: info}}\n'))).toMatch(/^f:1:16: unknown key "loglevel"/);
  });
});

describe('formerName', () => {
  it('finds the former name on any layer of the schema', () => {
    expect(formerName(maxretry)).toBe('maxretries');
    expect(formerName(maxretry.optional())).toBe('maxretries');
    expect(formerName(maxretry.prefault(1).meta({ description: 'Other words.' }))).toBe('maxretries');
    expect(formerName(maxretry.transform((number) => number + 1))).toBe('maxretries');
    expect(formerName(z.int())).toBeUndefined();
  });
});
