import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { refusal } from '../support/config-refusal.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const jailsOf = (text: string) => parseConfig(text, 'f').jails;

describe('jails', () => {
  it('inherit from the defaults what they do not say themselves', () => {
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
      ignoreip: ['192.0.2.0/24', '/etc/trapline/friends.txt', '2001:db8::1/128'],
    });
  });

  it('are left out when they are not enabled, but checked all the same', () => {
    expect(jailsOf('jails: {off: {enabled: false}, on: {}}').map(({ name }) => name)).toEqual(['on']);
    expect(refusal(() => jailsOf('jails: {off: {enabled: false, bantime: soon}}'))).toContain('"soon" is no span of time');
  });

  it.each(['', 'jails:\n', 'jails: {}\n', 'defaults:\njails:\n'])('are the one for spamtraps in %j', (text) => {
    expect(jailsOf(text).map(({ name, filter }) => `${name}: ${filter}`)).toEqual(['spamtrap: postfix-spamtrap']);
  });

  it.each([
    ['1h', HOUR],
    ['90', 90_000],
    ['10m', 600_000],
    ['forever', null],
    ['-1', null],
  ])('read bantime: %s', (written, bantime) => {
    expect(jailsOf(`defaults: {bantime: ${written}}`)[0]?.bantime).toBe(bantime);
  });

  it.each([
    ['', { factor: 2, max: DAY, forget: 30 * DAY }],
    ['bantime: 1w', { factor: 2, max: 7 * DAY, forget: 30 * DAY }],
    ['bantime: 1h, bantime_max: 1h, bantime_factor: 1.5', { factor: 1.5, max: HOUR, forget: 30 * DAY }],
    ['bantime: forever', undefined],
    ['bantime_increment: false', undefined],
  ])('let bans grow as {%s} says', (written, increment) => {
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

  it('R11: are refused when the same mail would be counted twice', () => {
    const both = 'sources: [journal, /var/log/mail.log]\n';
    expect(refusal(() => parseConfig(both, 'f'))).toMatch(/^f:1:10: a log file and the journal usually hold the same mail/);
    expect(parseConfig(`${both}sources_overlap: true\n`, 'f').sources).toHaveLength(2);
  });
});

describe('readers', () => {
  it.each([
    ['{}', undefined],
    ['{readers_socket: /run/x.sock}', undefined],
    ['{readers: monitor}', { socket: '/run/trapline/status.sock', group: 'monitor' }],
    ['{readers: monitor, readers_socket: /run/x.sock}', { socket: '/run/x.sock', group: 'monitor' }],
  ])('have a socket of their own when control is %s', (written, readers) => {
    expect(parseConfig(`control: ${written}`, 'f').control.readers).toEqual(readers);
  });

  it('are refused on the socket of the commands', () => {
    expect(refusal(() => parseConfig('control:\n  socket: /run/x\n  readers: a\n  readers_socket: /run/x\n', 'f'))).toBe(
      'f:4:19: "/run/x" is the socket of the commands, choose another',
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
