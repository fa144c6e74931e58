// Judges the state of a daemon as `working`, `working, but` or `NOT WORKING`, and gives the faults and the remedies.
import { hostname } from 'node:os';
import { EXIT } from '../../errors.ts';
import type { Status } from '../../words/desk.ts';
import type { Millis } from '../../words/ports.ts';
import { counted, localTime } from './print.ts';

/** `working`: nothing is wrong. `working, but`: something is wrong, and bans are set. `NOT WORKING`: new bans are not set. */
type Word = 'working' | 'working, but' | 'NOT WORKING';

/** The judgement, as `trapline status --json` prints it together with the status. */
export interface State {
  readonly state: Word;
  readonly host: string;
  /** The faults. Those that keep Trapline from working come first. */
  readonly because: readonly string[];
  /** The remedies, for some of the faults. */
  readonly todo: readonly string[];
}

/** One fault. `grave`: because of this fault alone, Trapline does not work. */
interface Fault {
  readonly what: string;
  readonly grave: boolean;
  readonly todo?: string;
}

/** The exit codes of `trapline status`. */
export const STATE_EXIT: Readonly<Record<Word, number>> = {
  working: EXIT.ok,
  'working, but': EXIT.ok,
  'NOT WORKING': EXIT.unavailable,
};

/**
 * Judges the status of a daemon. `version`: the version of this program. A daemon of an older version leaves out some keys of the status; faults
 * that these keys would report are then not known.
 */
export function stateOf(status: Status, now: Millis, version: string): State {
  const faults = [
    ...status.actions.flatMap((action) => actionFault(action, now)),
    ...harmlessFault(status.actions),
    ...sourceFaults(status.sources),
    ...prefixFaults(status.sources),
    ...ledgerFault(status),
    ...jailFaults(status.jails),
    ...effectFault(status),
    ...versionFault(status.version, version),
  ].toSorted((one, other) => Number(other.grave) - Number(one.grave));
  const [first] = faults;
  return {
    state: first === undefined ? 'working' : first.grave ? 'NOT WORKING' : 'working, but',
    host: (status as Partial<Status>).host ?? hostname(),
    because: faults.map(({ what }) => what),
    todo: [...new Set(faults.flatMap(({ todo }) => todo ?? []))],
  };
}

/** The state when no daemon answers, for the reason `because`. */
export function stateWithoutDaemon(because: string): State {
  return {
    state: 'NOT WORKING',
    host: hostname(),
    because: [because],
    todo: ['"systemctl start trapline" or "trapline run"; if it ends again, see "journalctl -u trapline"'],
  };
}

/** The first lines of `trapline status`: the word, the host and the reasons, then the remedies. `about` ends a first line without reasons. */
export function stateLines({ state, host, because, todo }: State, about = ''): readonly string[] {
  const head = because.length === 0 ? `${state}  ${host}  ${about}`.trimEnd() : `${state}  ${host}: ${because.join('; ')}`;
  return [head, ...todo.map((text) => `what to do: ${text}`)];
}

type ActionStatus = Status['actions'][number];

function actionFault(action: ActionStatus, now: Millis): readonly Fault[] {
  const { name, state, owed, lastError } = action;
  if (state === 'ok') return [];
  const { works, blocks, since }: Partial<ActionStatus> = action;
  const reason = `${sinceText(since, now)} (${lastError ?? 'for an unknown reason'})`;
  if (works) return [{ what: `${name} refuses ${counted(owed, 'ban')}${reason}`, grave: false }];
  const what = `${name} ${owed > 0 ? `owes ${counted(owed, 'ban')}` : 'fails'}${reason}`;
  return [
    { what, grave: blocks ?? true, todo: `${cureOf(lastError ?? '')}; no ban is lost, it is tried again at least every minute` },
  ];
}

/** The fault of a configuration in which no action stops packets, such as `actions: [print]` for a trial. */
function harmlessFault(actions: Status['actions']): readonly Fault[] {
  if (actions.some(({ blocks }: Partial<ActionStatus>) => blocks ?? true)) return [];
  const names = actions.map(({ name }) => `"${name}"`).join(', ');
  return [{ what: `no client is locked out, because the only action is ${names}`, grave: false }];
}

/** The advice for an error of a firewall. All other errors, such as a missing program, contain their own advice, and the log shows them. */
function cureOf(error: string): string {
  return /CAP_NET_ADMIN|Operation not permitted|must be root/.test(error)
    ? 'did the unit lose CAP_NET_ADMIN? "systemctl cat trapline", then "systemctl restart trapline"'
    : 'see "journalctl -u trapline"';
}

/** ` since 07:51` for a moment of today, ` since 2026-11-28 07:51:03` for an earlier moment. */
function sinceText(since: string | null | undefined, now: Millis): string {
  if (typeof since !== 'string') return '';
  const [then, today] = [localTime(Date.parse(since)), localTime(now)];
  return ` since ${then.slice(0, 10) === today.slice(0, 10) ? then.slice(11, 16) : then}`;
}

/** Lines of a log that Trapline does not understand. Near misses for another reason may be meant: a table may discard mail that is no trap's. */
function prefixFaults(sources: Status['sources']): readonly Fault[] {
  return sources.flatMap(({ name, nearMisses = [] }) =>
    nearMisses
      .filter(({ kind }) => kind === 'prefix' || kind === 'envelope')
      .map(({ kind, count, reason }) => ({
        what: `${name}: ${counted(count, 'line')} with the words of a trap ${count === 1 ? 'is no hit' : 'are no hits'}: ${reason}`,
        grave: false,
        todo:
          kind === 'envelope'
            ? 'see "Envelopes" in docs/filters.md'
            : 'see "The start of a line" in docs/filters.md for the known forms',
      })),
  );
}

/** Trapline does not work when it can read none of its sources. A log that is only missing may appear at any time. */
function sourceFaults(sources: Status['sources']): readonly Fault[] {
  const grave = sources.every(({ blind }) => blind === true);
  return sources.flatMap(({ fault }) => (fault === undefined ? [] : [{ what: fault, grave }]));
}

function ledgerFault({ unwritten, ledgerFault: fault }: Status): readonly Fault[] {
  if (unwritten === 0 && typeof fault !== 'string') return [];
  const reason = typeof fault === 'string' ? ` (${fault})` : '';
  return [{ what: `the ledger cannot be written${reason}, ${counted(unwritten, 'hit')} kept in memory`, grave: false }];
}

function jailFaults(jails: Status['jails']): readonly Fault[] {
  return jails.flatMap(({ name, stopped, rules }) => {
    if (typeof stopped === 'string')
      return [{ what: `jail "${name}" is stopped`, grave: false, todo: `correct its filter, then "trapline reload"` }];
    return rules.flatMap(({ name: rule, setAside }) =>
      setAside === null ? [] : [{ what: `rule "${rule}" of jail "${name}" is set aside (${setAside})`, grave: false }],
    );
  });
}

function effectFault({ ineffective }: Partial<Status>): readonly Fault[] {
  if (ineffective === undefined || ineffective.length === 0) return [];
  return [{ what: `${counted(ineffective.length, 'ban')} without effect, see below`, grave: false }];
}

/** A daemon that is older than this program still runs the code from before an upgrade. */
function versionFault(daemon: string, own: string): readonly Fault[] {
  const fault = olderText(daemon, own);
  return fault === undefined
    ? []
    : [{ what: fault, grave: false, todo: '"systemctl restart trapline" starts the new version; bans stay in force' }];
}

/** The fault of a daemon that is older than this program. Undefined: the daemon is not older. */
export function olderText(daemon: string, own: string): string | undefined {
  const [theirs, ours] = [numbersOf(daemon), numbersOf(own)];
  const index = ours.findIndex((number, place) => number !== theirs[place]);
  const isOlder = index >= 0 && (theirs[index] ?? 0) < (ours[index] ?? 0);
  return isOlder ? `the daemon is trapline ${daemon}, older than this program (${own})` : undefined;
}

/** The three numbers of a version (semver.org); empty for another text. */
function numbersOf(version: string): readonly number[] {
  return /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
}
