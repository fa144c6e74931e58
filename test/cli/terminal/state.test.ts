import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { olderText, STATE_EXIT, stateLines, stateOf, stateWithoutDaemon, type State } from '../../../src/cli/terminal/state.ts';
import type { Status } from '../../../src/words/desk.ts';
import { STATUS } from '../../support/control/desk.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');
const SINCE = '2026-11-25T07:51:12.000Z';

const stateFor = (change: Partial<Status>, version = '0.1.0'): State => stateOf({ ...STATUS, ...change }, NOW, version);

/** The first lines of `trapline status`. */
const linesFor = (change: Partial<Status>, version?: string): readonly string[] =>
  stateLines(stateFor(change, version), 'trapline 0.1.0');

const action = (change: Partial<Status['actions'][number]>): Status['actions'] => [
  {
    name: 'nftables',
    state: 'failing',
    works: false,
    blocks: true,
    owed: 14,
    lastError: 'nft -f -: Operation not permitted',
    since: SINCE,
    drift: 0,
    ...change,
  },
];

const source = (change: Partial<Status['sources'][number]> = {}): Status['sources'][number] => ({
  name: 'file:/var/log/mail.log',
  state: 'following 1 file',
  lines: 0,
  bytes: 0,
  ...change,
});

const DENIED = '/var/log/mail.log: permission denied, read it as root or as a member of its group (adm on Debian)';

describe('the state of a daemon', () => {
  it('is `working` when nothing is wrong', () => {
    expect(linesFor({})).toEqual(['working  mx1.example.org  trapline 0.1.0']);
    expect(stateFor({})).toEqual({ state: 'working', host: 'mx1.example.org', because: [], todo: [] });
  });

  it('N018: is `working, but` when the start of the lines of a trap is not known, and not for another near miss', () => {
    const miss = { reason: 'the log prefix before the message is unknown', count: 2, line: 'x' };
    expect(linesFor({ sources: [source({ nearMisses: [{ kind: 'prefix', ...miss }] })] })).toEqual([
      'working, but  mx1.example.org: file:/var/log/mail.log: 2 lines with the words of a trap are no hits: the log prefix before the message is unknown',
      'what to do: see "The start of a line" in docs/filters.md for the known forms',
    ]);
    expect(stateFor({ sources: [source({ nearMisses: [{ kind: 'envelope', ...miss }] })] }).todo).toEqual([
      'see "Envelopes" in docs/filters.md',
    ]);
    expect(stateFor({ sources: [source({ nearMisses: [{ kind: 'text', ...miss }] })] }).state).toBe('working');
  });

  it('A2: is `NOT WORKING` while a firewall fails, with the number of pending changes and the remedy', () => {
    expect(linesFor({ actions: action({}) })).toEqual([
      'NOT WORKING  mx1.example.org: nftables owes 14 bans since 07:51 (nft -f -: Operation not permitted)',
      'what to do: did the unit lose CAP_NET_ADMIN? "systemctl cat trapline", then "systemctl restart trapline"; no ban is lost, it is tried again at least every minute',
    ]);
  });

  it('is `NOT WORKING` while a firewall that owes nothing cannot be asked', () => {
    expect(
      linesFor({ actions: action({ owed: 0, lastError: 'nft: not found, install nftables', since: '2026-11-24T22:00:05.000Z' }) }),
    ).toEqual([
      'NOT WORKING  mx1.example.org: nftables fails since 2026-11-24 22:00:05 (nft: not found, install nftables)',
      'what to do: see "journalctl -u trapline"; no ban is lost, it is tried again at least every minute',
    ]);
  });

  it('is `working, but` while a firewall refuses single bans, and while an action fails that stops no packet', () => {
    expect(linesFor({ actions: action({ works: true, owed: 1, lastError: 'no room (192.0.2.1)' }) })).toEqual([
      'working, but  mx1.example.org: nftables refuses 1 ban since 07:51 (no room (192.0.2.1))',
    ]);
    expect(stateFor({ actions: action({ name: 'tell', blocks: false }) }).state).toBe('working, but');
  });

  it('is `working, but` when no action stops packets', () => {
    const print = action({ name: 'print', state: 'ok', works: true, blocks: false, owed: 0, lastError: null, since: null });
    expect(linesFor({ actions: print })).toEqual([
      'working, but  mx1.example.org: no client is locked out, because the only action is "print"',
    ]);
  });

  it('counts a failing firewall of an older daemon, which does not report more, as not working', () => {
    const older = action({}).map(({ name, state, owed, lastError, drift }) => ({ name, state, owed, lastError, drift }));
    expect(linesFor({ actions: older as unknown as Status['actions'] })[0]).toBe(
      'NOT WORKING  mx1.example.org: nftables owes 14 bans (nft -f -: Operation not permitted)',
    );
  });

  it('A3: is `NOT WORKING` when no source can be read, and `working, but` when one of several sources cannot be read', () => {
    const blind = source({ fault: DENIED, blind: true });
    expect(linesFor({ sources: [blind] })).toEqual([`NOT WORKING  mx1.example.org: ${DENIED}`]);
    expect(linesFor({ sources: [blind, source()] })).toEqual([`working, but  mx1.example.org: ${DENIED}`]);
  });

  it('is `working, but` while a log does not exist yet', () => {
    expect(linesFor({ sources: [source({ fault: '/var/log/mail.log: does not exist yet' })] })).toEqual([
      'working, but  mx1.example.org: /var/log/mail.log: does not exist yet',
    ]);
  });

  it('is `working, but` while the ledger cannot be written', () => {
    expect(linesFor({ unwritten: 2, ledgerFault: '/var/lib/trapline/trapline.db: disk full' })).toEqual([
      'working, but  mx1.example.org: the ledger cannot be written (/var/lib/trapline/trapline.db: disk full), 2 hits kept in memory',
    ]);
  });

  it('is `working, but` while a jail is stopped, a rule is set aside, and a ban has no effect', () => {
    const [jail] = STATUS.jails;
    const jails = jail
      ? [
          { ...jail, stopped: 'x.yaml:1:1: fault' },
          { ...jail, rules: [{ name: 'own', setAside: 'too slow' }] },
        ]
      : [];
    const ineffective = [{ network: '192.0.2.7', jail: 'spamtrap', since: SINCE, hits: 12, because: 'nftables holds it' }];
    expect(linesFor({ jails, ineffective })).toEqual([
      'working, but  mx1.example.org: jail "spamtrap" is stopped; rule "own" of jail "spamtrap" is set aside (too slow); 1 ban without effect, see below',
      'what to do: correct its filter, then "trapline reload"',
    ]);
  });

  it('is `working, but` when the daemon is older than this program', () => {
    expect(linesFor({}, '0.1.1')).toEqual([
      'working, but  mx1.example.org: the daemon is trapline 0.1.0, older than this program (0.1.1)',
      'what to do: "systemctl restart trapline" starts the new version; bans stay in force',
    ]);
    expect(linesFor({}, '0.0.9')).toEqual(['working  mx1.example.org  trapline 0.1.0']);
  });

  it('names the grave faults first', () => {
    const state = stateFor({ unwritten: 1, actions: action({}), sources: [source({ fault: 'x: does not exist yet' })] });
    expect(state.state).toBe('NOT WORKING');
    expect(state.because[0]).toMatch(/^nftables owes/);
    expect(state.because).toHaveLength(3);
  });

  it('is `NOT WORKING` when no daemon answers', () => {
    expect(stateLines(stateWithoutDaemon('no daemon answers on /run/trapline/control.sock'))).toEqual([
      `NOT WORKING  ${hostname()}: no daemon answers on /run/trapline/control.sock`,
      'what to do: "systemctl start trapline" or "trapline run"; if it ends again, see "journalctl -u trapline"',
    ]);
  });

  it('has the exit codes 0, 0 and 69', () => {
    expect(STATE_EXIT).toEqual({ working: 0, 'working, but': 0, 'NOT WORKING': 69 });
  });
});

describe('a comparison of versions', () => {
  it.each([
    ['0.1.0', '0.1.1', true],
    ['0.9.0', '0.10.0', true],
    ['0.1.0', '1.0.0', true],
    ['0.1.0', '0.1.0', false],
    ['0.2.0', '0.1.9', false],
    ['1.0.0', '0.9.9', false],
    ['0.1.0', 'unknown', false],
  ])('knows whether %s is older than %s', (daemon, own, older) => {
    expect(olderText(daemon, own) !== undefined).toBe(older);
  });
});
