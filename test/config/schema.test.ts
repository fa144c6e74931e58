import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { schema } from '../../src/config/schema.ts';

const DAY = 86_400_000;

/** True if the schema accepts this value of an option, at the top level or in the section `control`. */
const takes = (key: string, value: unknown): boolean =>
  schema.safeParse(key.startsWith('control.') ? { control: { [key.slice(8)]: value } } : { [key]: value }).success;

describe('the schema', () => {
  it('has a default for every option of the top level', () => {
    expect(schema.parse({})).toMatchObject({
      sources: 'auto',
      sources_overlap: false,
      syslog_names: 'auto',
      state: '/var/lib/trapline/trapline.db',
      control: {
        socket: '/run/trapline/control.sock',
        mode: 0o660,
        group: 'trapline',
        readers_socket: '/run/trapline/status.sock',
      },
      actions: 'auto',
      filters_folder: '/etc/trapline/filters',
      actions_folder: '/etc/trapline/actions',
      sync: 30_000,
      log_level: 'info',
      hit_retention: 90 * DAY,
      defaults: { maxretry: 1 },
    });
  });

  it('accepts a section with no options below its name', () => {
    expect(schema.parse({ control: null, defaults: null, jails: null })).toEqual({ ...schema.parse({}), jails: null });
  });

  it('refuses unknown keys, except in an entry of actions, because each action has its own options', () => {
    expect(takes('bantime', '1h')).toBe(false);
    expect(takes('control.sockets', '/x')).toBe(false);
    expect(takes('sources', [{ type: 'file', path: '/x', form: 'end' }])).toBe(false);
    expect(schema.parse({ actions: [{ type: 'mine', table: 'x' }] }).actions).toEqual([{ type: 'mine', table: 'x' }]);
  });

  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ['sources', ['auto', 'journal', '/a', ['/a', 'journal'], []], ['file', 'a', ['auto'], [5], [['/a']]]],
    ['sources', [{ type: 'file', path: '/a', from: 'start' }], [{ type: 'file' }, { type: 'file', path: '/a', from: 'middle' }]],
    [
      'sources',
      [{ type: 'journal', postfix_uid: 0 }],
      [
        { type: 'journal', postfix_uid: -1 },
        { type: 'journal', path: '/a' },
      ],
    ],
    ['sources', [[{ type: 'journal', postfix_uid: 4_294_967_294 }]], [[{ type: 'journal', postfix_uid: 4_294_967_295 }]]],
    ['actions', ['auto', 'print', '/a.yaml', ['print', { type: 'pf' }]], ['Print', 'a b', { ports: [25] }, [[]], 5]],
    [
      'actions',
      [{ type: 'pf', ports: [1, 65_535] }],
      [
        { type: 'pf', ports: [0] },
        { type: 'pf', ports: [65_536] },
      ],
    ],
    [
      'actions',
      [{ type: 'pf', ports: 'all', block: 'reject' }],
      [
        { type: 'pf', ports: [] },
        { type: 'pf', block: 'deny' },
      ],
    ],
    ['state', ['/a'], ['a', 5]],
    ['sync', ['1s', '1d'], ['0', '86401']],
    ['hit_retention', ['1h', '3650d'], ['59m', '3651d']],
    ['log_level', ['debug', 'info', 'notice', 'warn', 'error'], ['warning', 'loud', 5]],
    ['control.mode', ['0660'], ['0666', 660]],
    ['control.group', ['mail'], ['', 5]],
    ['control.readers', ['monitor'], ['', null]],
  ])('accepts and refuses the right values of %s', (key, good, bad) => {
    expect(good.filter((value) => !takes(key, value))).toEqual([]);
    expect(bad.filter((value) => takes(key, value))).toEqual([]);
  });

  it('names the kinds of source when a type is unknown', () => {
    const issue: z.core.$ZodIssue | undefined = schema.safeParse({ sources: { type: 'syslog' } }).error?.issues[0];
    expect(JSON.stringify(issue)).toContain('\\"type\\" must be \\"file\\" or \\"journal\\"');
  });
});
