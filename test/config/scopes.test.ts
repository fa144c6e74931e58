import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { checkSources, scopesOf } from '../../src/config/scopes.ts';
import { HAND_JAIL } from '../../src/words/walk.ts';
import { refusal } from '../support/config/refusal.ts';

/** The jails whose bans each action leaves out. */
function without(text: string, names: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(scopesOf(parseConfig(text, 'f'), names).map(({ action, without: jails }) => [action, [...jails]]));
}

describe('the scope of an action (the jails whose bans it holds, and bans by hand)', () => {
  it('contains every jail and bans by hand when no jail names actions', () => {
    const text = 'actions: [nftables, print]\njails: {a: {}, b: {actions: all}}\n';
    expect(without(text, ['nftables', 'print'])).toEqual({ nftables: [], print: [] });
  });

  it('leaves out only the jails that name other actions', () => {
    const text = 'actions: [nftables, print]\njails: {a: {actions: [nftables]}, b: {actions: [print]}, c: {}}\n';
    expect(without(text, ['nftables', 'print'])).toEqual({ nftables: ['b'], print: ['a'] });
  });

  it('always contains bans by hand', () => {
    const text = 'actions: [nftables, print]\njails: {a: {actions: [nftables]}, b: {actions: [nftables]}}\n';
    const scopes = scopesOf(parseConfig(text, 'f'), ['nftables', 'print']);
    expect(scopes.map((scope) => scope.without.has(HAND_JAIL))).toEqual([false, false]);
    expect([...(scopes[1]?.without ?? [])]).toEqual(['a', 'b']);
  });

  it('contains a jail that names both actions', () => {
    const text = 'actions: [nftables, print]\njails: {a: {actions: [print, nftables]}}\n';
    expect(without(text, ['nftables', 'print'])).toEqual({ nftables: [], print: [] });
  });

  it('has the name of the loaded action, not the path of its file', () => {
    const text = 'actions: [print, /etc/tell.yaml]\njails: {a: {actions: [/etc/tell.yaml]}, b: {actions: [print]}}\n';
    expect(without(text, ['print', 'tell'])).toEqual({ print: ['a'], tell: ['b'] });
  });

  it('follows the actions of a disabled jail too, because its earlier bans stay in force', () => {
    const text = 'actions: [nftables, print]\njails: {off: {enabled: false, actions: [print]}, on: {}}\n';
    expect(without(text, ['nftables', 'print'])).toEqual({ nftables: ['off'], print: [] });
  });

  it.each(['auto', 'ipset'])('contains a jail that names the action %s when `auto` found ipset', (name) => {
    const text = `actions: [print, auto]\njails: {a: {actions: [${name}]}, b: {actions: [print]}}\n`;
    expect(without(text, ['print', 'ipset'])).toEqual({ print: ['a'], ipset: ['b'] });
  });

  it('is refused when a jail names an action that `auto` did not find, with the place of this name', () => {
    const text = 'actions: auto\njails:\n  a: {actions: [auto]}\n  b: {actions: [auto, nftable]}\n';
    expect(refusal(() => without(text, ['nftables']))).toBe('f:4:23: unknown action "nftable", did you mean "nftables"?');
    expect(refusal(() => without(text, ['pf']))).toBe('f:4:23: unknown action "nftable", known are auto, pf');
  });

  it('is refused when a jail names an action file by the name of its action instead of its path', () => {
    const text = 'actions: [auto, /etc/tell.yaml]\njails: {a: {actions: [tell]}}\n';
    expect(refusal(() => without(text, ['nftables', 'tell']))).toBe(
      'f:2:23: unknown action "tell", known are auto, nftables, /etc/tell.yaml',
    );
  });
});

describe('the sources that `auto` found', () => {
  const text = 'jails:\n  a: {sources: [/var/log/mail.log]}\n  b: {}\n  c: {enabled: false, sources: [/nowhere]}\n';
  const check = (...paths: readonly string[]): string =>
    refusal(() =>
      checkSources(
        parseConfig(text, 'f'),
        paths.map((path) => (path === 'journal' ? { type: 'journal' } : { type: 'file', path })),
      ),
    );

  it('are accepted when jails name them', () => {
    expect(check('/var/log/mail.log')).toBe('not refused');
    expect(check('/var/log/maillog', '/var/log/mail.log')).toBe('not refused');
  });

  it('are refused when a jail names another source, with the place of this name', () => {
    expect(check('/var/log/maillog')).toBe('f:2:17: unknown source "/var/log/mail.log", did you mean "/var/log/maillog"?');
    expect(check('journal')).toBe('f:2:17: unknown source "/var/log/mail.log", known are journal');
  });
});
