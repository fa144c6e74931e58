import { describe, expect, it } from 'vitest';
import { builtInConfig, parseConfig } from '../../src/config/load.ts';
import { resolve } from '../../src/config/resolve.ts';
import { schema } from '../../src/config/schema.ts';
import { refusal } from '../support/config/refusal.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const jailsOf = (text: string) => parseConfig(text, 'f').jails;

describe('jails', () => {
  it('inherit from the defaults all options that they do not set', () => {
    const [strict, lenient] = jailsOf(`
defaults:
  bantime: 2h
  ignoreip: [192.0.2.0/24, /etc/trapline/friends.txt]
jails:
  strict:
  lenient:
    filter: postfix-redirect
    text: caught in the trap
    rules: { client: false }
    maxretry: 3
    findtime: 1d
    ignoreip: 2001:db8::1 192.0.2.0/24
`);
    expect(strict).toMatchObject({ name: 'strict', filter: 'postfix-spamtrap', bantime: 2 * HOUR, maxretry: 1 });
    expect(lenient).toMatchObject({
      name: 'lenient',
      filter: 'postfix-redirect',
      settings: { text: 'caught in the trap' },
      rules: { client: false },
      bantime: 2 * HOUR,
      maxretry: 3,
      findtime: DAY,
      ignoreip: ['192.0.2.0/24', '/etc/trapline/friends.txt', '2001:db8::1/128', '192.0.2.0/24'],
    });
  });

  it('are checked but left out when they are not enabled', () => {
    expect(jailsOf('jails: {off: {enabled: false}, on: {}}').map(({ name }) => name)).toEqual(['on']);
    expect(refusal(() => jailsOf('jails: {off: {enabled: false, bantime: soon}}'))).toContain('"soon" is no span of time');
  });

  it('keep their actions when they are not enabled, because their bans stay in force until they end', () => {
    const { jails, idleJails } = parseConfig(
      'actions: [print, nftables]\njails: {off: {enabled: false, actions: [print]}, on: {}}\n',
      'f',
    );
    expect(idleJails).toMatchObject([{ name: 'off', actions: ['print'] }]);
    expect(jails).toMatchObject([{ name: 'on', actions: 'all' }]);
    expect(builtInConfig().idleJails).toEqual([]);
  });

  it('can all be disabled', () => {
    expect(jailsOf('jails: {off: {enabled: false}}\n')).toEqual([]);
  });

  it.each(['', 'jails:\n', 'jails: {}\n', 'defaults:\njails:\n'])('are only the built-in spamtrap jail for %j', (text) => {
    expect(jailsOf(text).map(({ name, filter }) => `${name}: ${filter}`)).toEqual(['spamtrap: postfix-spamtrap']);
  });

  it.each([
    ['1h', HOUR],
    ['90', 90_000],
    ['10m', 600_000],
    ['forever', null],
    ['-1', null],
  ])('have the bantime of the defaults: %s', (written, bantime) => {
    expect(jailsOf(`defaults: {bantime: ${written}}`)[0]?.bantime).toBe(bantime);
  });

  it.each([
    ['', { factor: 2, max: DAY, forget: 30 * DAY }],
    ['bantime: 1w', { factor: 2, max: 7 * DAY, forget: 30 * DAY }],
    ['bantime: 1h, bantime_max: 1h, bantime_factor: 1.5', { factor: 1.5, max: HOUR, forget: 30 * DAY }],
    ['bantime: forever', undefined],
    ['bantime_increment: false', undefined],
  ])('let bans grow as the options {%s} define', (written, increment) => {
    expect(jailsOf(`defaults: {${written}}`)[0]?.increment).toEqual(increment);
  });
});

describe('sources', () => {
  it.each([
    ['auto', 'auto'],
    ['journal', [{ type: 'journal' }]],
    ['/var/log/mail.log', [{ type: 'file', path: '/var/log/mail.log', from: 'end' }]],
    ['[/var/log/mail/*.log]', [{ type: 'file', path: '/var/log/mail/*.log', from: 'end' }]],
    ['[{type: file, path: /m, from: start}]', [{ type: 'file', path: '/m', from: 'start' }]],
    ['[{type: journal, postfix_uid: 107}]', [{ type: 'journal', postfixUid: 107 }]],
    ['[]', []],
  ])('are read from %s', (written, sources) => {
    expect(parseConfig(`sources: ${written}`, 'f').sources).toEqual(sources);
  });

  it('R11: are refused when they would count each mail twice', () => {
    const both = 'sources: [journal, /var/log/mail.log]\n';
    expect(refusal(() => parseConfig(both, 'f'))).toMatch(/^f:1:10: a log file and the journal usually hold the same mail/);
    expect(parseConfig(`${both}sources_overlap: true\n`, 'f').sources).toHaveLength(2);
  });
});

describe('the socket of the readers', () => {
  it.each([
    ['{}', undefined],
    ['{readers_socket: /run/x.sock}', undefined],
    ['{readers: monitor}', { socket: '/run/trapline/status.sock', group: 'monitor' }],
    ['{readers: monitor, readers_socket: /run/x.sock}', { socket: '/run/x.sock', group: 'monitor' }],
  ])('exists only if `readers` names a group: control is %s', (written, readers) => {
    expect(parseConfig(`control: ${written}`, 'f').control.readers).toEqual(readers);
  });

  it('may not have the path of the socket for commands', () => {
    expect(refusal(() => parseConfig('control:\n  socket: /run/x\n  readers: a\n  readers_socket: /run/x\n', 'f'))).toBe(
      'f:4:19: "/run/x" is already the path of "socket", choose another path',
    );
  });
});

describe('actions', () => {
  it.each([
    ['nftables', [{ type: 'nftables', options: {} }]],
    [
      '[auto, /etc/trapline/actions/tell.yaml]',
      [
        { type: 'auto', options: {} },
        { type: '/etc/trapline/actions/tell.yaml', options: {} },
      ],
    ],
    ['{type: ipset, ports: all}', [{ type: 'ipset', options: { ports: 'all' } }]],
    [
      '[{type: pf, ports: [25], block: reject, anchor: trapline}]',
      [{ type: 'pf', options: { ports: [25], block: 'reject', anchor: 'trapline' } }],
    ],
  ])('are read from %s', (written, actions) => {
    expect(parseConfig(`actions: ${written}`, 'f').actions).toEqual(actions);
  });
});

describe('the place of an option', () => {
  it.each([
    ['actions: [print, {type: pf, tabel: x}]', ['actions', 1, 'tabel'], 'f:1:36', 'f:1:29'],
    ['actions: {type: pf, tabel: x}', ['actions', 0, 'tabel'], 'f:1:28', 'f:1:21'],
    ['actions: print', ['actions', 0], 'f:1:10', 'f:1:1'],
    ['actions: print', ['actions', 0, 'type'], 'f:1:10', 'f:1:10'],
    ['sources: {type: file, path: /a}', ['sources', 0, 'path'], 'f:1:29', 'f:1:23'],
    ['jails: {a: {rules: {client: true}}}', ['jails', 'a', 'rules', 'client'], 'f:1:29', 'f:1:21'],
    ['jails: {a: {sources: journal}}', ['jails', 'a', 'sources', 0], 'f:1:22', 'f:1:22'],
    ['sync: 1m', ['jails', 'a', 'filter'], 'f:1:1', 'f:1:1'],
  ])('is found in %j for the path %j', (text, path, value, key) => {
    const sources = text.includes('journal') ? 'sources: [journal]\n' : '';
    const { where } = parseConfig(`${text}\n${sources}`, 'f');
    expect([where(path), where(path, 'key')]).toEqual([value, key]);
  });
});

describe('the notices of the configuration', () => {
  it('include notices about former names of options', () => {
    const located = { value: schema.parse({}), where: () => 'f:1:1', notices: ['f:1:1: "a" is the former name of "b"'] };
    expect(resolve(located, 'f').notices).toEqual(located.notices);
    expect(parseConfig('sync: 1m\n', 'f').notices).toEqual([]);
  });
});
