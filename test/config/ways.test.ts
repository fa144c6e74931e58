import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { JailSetting } from '../../src/config/settings.ts';
import { refusal } from '../support/config/refusal.ts';

/** The jail `trap` of a configuration, or the message with which the configuration is refused. */
function jailOf(ways: string, jail: string): Pick<JailSetting, 'sources' | 'actions'> | string {
  const text = `${ways}\njails:\n  trap:\n    ${jail}\n`;
  let found: Pick<JailSetting, 'sources' | 'actions'> | undefined;
  const message = refusal(() => {
    found = parseConfig(text, 'f').jails[0];
  });
  return found ?? message;
}

const TWO_FILES = 'sources: [/var/log/mail.log, "/var/log/mx/*.log"]';

describe('the options of a source', () => {
  it.each([
    ['{type: file, path: /a, envelope: docker}', { type: 'file', path: '/a', from: 'end', envelope: 'docker' }],
    ['{type: file, path: /a}', { type: 'file', path: '/a', from: 'end' }],
    ['{type: journal, containers: [mail]}', { type: 'journal', containers: ['mail'] }],
    ['{type: journal, postfix_uid: 107}', { type: 'journal', postfixUid: 107 }],
  ])('are read from %s', (entry, options) => {
    expect(parseConfig(`sources: [${entry}]`, 'f').sources).toEqual([options]);
  });

  it.each([
    ['{type: file, path: /a, envelope: dokcer}', /one of none, docker, cri, compose, json is expected/],
    ['{type: journal, containers: mail}', /a list of names of containers is expected/],
    ['{type: journal, envelope: docker}', /key "envelope" does not belong to an entry of this type/],
  ])('are refused in %s', (entry, words) => {
    expect(refusal(() => parseConfig(`sources: [${entry}]`, 'f'))).toMatch(words);
  });
});

describe('the sources of a jail', () => {
  it.each([
    [TWO_FILES, 'enabled: true', 'all'],
    [TWO_FILES, 'sources: all', 'all'],
    [TWO_FILES, 'sources: /var/log/mail.log', ['file:/var/log/mail.log']],
    [TWO_FILES, 'sources: ["/var/log/mx/*.log"]', ['file:/var/log/mx/*.log']],
    [TWO_FILES, 'sources: ["/var/log/mx/*.log", /var/log/mail.log]', ['file:/var/log/mx/*.log', 'file:/var/log/mail.log']],
    ['sources: [{type: file, path: /a}]', 'sources: [/a]', ['file:/a']],
    ['sources: [journal, /a]\nsources_overlap: true', 'sources: [journal]', ['journal']],
    ['sources: [{type: journal, postfix_uid: 107}]', 'sources: [journal]', ['journal']],
    ['sources: auto', 'sources: auto', 'all'],
    ['sources: auto', 'sources: [auto]', 'all'],
    ['', 'sources: auto', 'all'],
    ['sources: auto', 'sources: [journal]', ['journal']],
    ['sources: auto', 'sources: [/var/log/maillog]', ['file:/var/log/maillog']],
  ])('are read from %j: %s', (ways, jail, sources) => {
    expect(jailOf(ways, jail)).toMatchObject({ sources });
  });

  it.each([
    [TWO_FILES, 'sources: [/var/log/mial.log]', 'f:4:15: unknown source "/var/log/mial.log", did you mean "/var/log/mail.log"?'],
    [TWO_FILES, 'sources: journal', 'f:4:14: unknown source "journal", known are /var/log/mail.log, /var/log/mx/*.log'],
    [
      TWO_FILES,
      'sources: [/var/log/mail.log, /var/log/mx/one.log]',
      'f:4:34: unknown source "/var/log/mx/one.log", did you mean "/var/log/mx/*.log"?',
    ],
    [TWO_FILES, 'sources: auto', 'f:4:14: unknown source "auto", known are /var/log/mail.log, /var/log/mx/*.log'],
    [TWO_FILES, 'sources: "file:/x"', 'f:4:14: unknown source "file:/x", known are /var/log/mail.log, /var/log/mx/*.log'],
    ['sources: []', 'sources: [/a]', 'f:4:15: unknown source "/a", known are none'],
    ['sources: [/a]', 'sources: [/a, /a]', 'f:4:19: "/a" is listed twice, remove one'],
    ['sources: auto', 'sources: [journl]', 'f:4:15: unknown source "journl", did you mean "journal"?'],
    ['sources: auto', 'sources: [mail.log]', 'f:4:15: unknown source "mail.log", known are auto, journal'],
    ['sources: auto', 'sources: [auto, journal]', 'f:4:15: "sources: auto" finds one source, remove the other names'],
    [TWO_FILES, 'sources: []', 'f:4:14: "jails.trap.sources": an empty list selects no sources, name one or leave the option out'],
  ])('are refused for %j: %s', (ways, jail, message) => {
    expect(jailOf(ways, jail)).toBe(message);
  });
});

describe('the actions of a jail', () => {
  const TELL = '/etc/trapline/actions/tell.yaml';

  it.each([
    ['actions: [nftables, print]', 'enabled: true', 'all'],
    ['actions: [nftables, print]', 'actions: all', 'all'],
    ['actions: [nftables, print]', 'actions: print', ['print']],
    ['actions: [nftables, print]', 'actions: [print, nftables]', ['print', 'nftables']],
    [`actions: [nftables, ${TELL}]`, `actions: [${TELL}]`, [TELL]],
    ['actions: {type: ipset, ports: all}', 'actions: [ipset]', ['ipset']],
    ['actions: [auto, print]', 'actions: [auto]', ['auto']],
    ['actions: [auto, print]', 'actions: [nftables]', ['nftables']],
    ['', 'actions: [nftables]', ['nftables']],
  ])('are read from %j: %s', (ways, jail, actions) => {
    expect(jailOf(ways, jail)).toMatchObject({ actions });
  });

  it.each([
    ['actions: [nftables, print]', 'actions: [nftable]', 'f:4:15: unknown action "nftable", did you mean "nftables"?'],
    ['actions: [nftables, print]', 'actions: spamd', 'f:4:14: unknown action "spamd", known are nftables, print'],
    ['actions: [nftables, print]', 'actions: [print, auto]', 'f:4:22: unknown action "auto", known are nftables, print'],
    [`actions: [${TELL}]`, 'actions: [tell]', `f:4:15: unknown action "tell", known are ${TELL}`],
    ['actions: [auto]', 'actions: [print, print]', 'f:4:22: "print" is listed twice, remove one'],
    [
      'actions: print',
      'actions: []',
      'f:4:14: "jails.trap.actions": an empty list selects no actions, name one or leave the option out',
    ],
  ])('are refused for %j: %s', (ways, jail, message) => {
    expect(jailOf(ways, jail)).toBe(message);
  });

  it('are checked in a disabled jail', () => {
    expect(refusal(() => parseConfig('actions: print\njails: {off: {enabled: false, actions: [pint]}}\n', 'f'))).toBe(
      'f:2:41: unknown action "pint", did you mean "print"?',
    );
  });
});

describe('the sources and actions of the configuration', () => {
  it.each([
    ['sources: [/a, {type: file, path: /a}]', 'f:1:15: "/a" is listed twice, remove one'],
    ['sources: [journal, {type: journal}]', 'f:1:20: "journal" is listed twice, remove one'],
    ['actions: [print, {type: print}]', 'f:1:18: "print" is listed twice, remove one'],
    ['actions: []', 'f:1:10: the list has no action, so bans would have no effect; if that is intended, write "print"'],
  ])('are refused when an entry is listed twice or no action is left: %s', (text, message) => {
    expect(refusal(() => parseConfig(text, 'f'))).toBe(message);
  });
});
