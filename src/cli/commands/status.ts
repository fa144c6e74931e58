// `trapline status`: shows the state of the daemon.
import { buildCommand } from '@stricli/core';
import { ControlError, EXIT } from '../../errors.ts';
import type { Status } from '../../words/desk.ts';
import { formatDuration } from '../../lib/text/duration.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Context } from '../context.ts';
import { json, places, type Places } from '../flags.ts';
import { findDaemon } from '../open.ts';
import { refuseStopped, stoppedIn } from '../stopped.ts';
import { counted, say, sayJson, table } from '../terminal/print.ts';
import { STATE_EXIT, stateLines, stateOf, stateWithoutDaemon } from '../terminal/state.ts';

interface Flags extends Places {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** The command. */
export const status = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Show the state of the daemon',
    fullDescription:
      'The first words are "working", "working, but" with what is wrong, or "NOT WORKING" with what is wrong and what to do. Ends with exit code 69 when Trapline does not work, with 78 when a jail is stopped, and otherwise with 0.',
  },
  parameters: {
    flags: {
      ...places,
      json,
      quiet: { kind: 'boolean', brief: 'Print nothing, only set the exit code', default: false, withNegated: false },
    },
  },
  async func(flags) {
    const answer = await askStatus(flags);
    const silent = typeof answer === 'string';
    const state = silent ? stateWithoutDaemon(answer) : stateOf(answer, Date.now(), this.version);
    const stopped = silent ? new Map<string, string>() : stoppedIn(answer);
    // stricli keeps an exit code that is set, whatever follows.
    const code = STATE_EXIT[state.state] || (stopped.size > 0 ? EXIT.config : EXIT.ok);
    if (code !== EXIT.ok) this.process.exitCode = code;
    if (flags.quiet) return;
    if (flags.json) sayJson(this.process, { ...(silent ? {} : answer), ...state });
    else say(this.process, silent ? stateLines(state).join('\n') : statusText(answer, Date.now(), state));
    refuseStopped(stopped);
  },
});

/** The status of the daemon or, when no daemon answers, the reason. Rejects when this user may not ask, and for a faulty configuration. */
async function askStatus(flags: Places): Promise<Status | string> {
  try {
    const found = await findDaemon(flags, true);
    return typeof found === 'string' ? `no daemon answers on ${found}` : await found.status();
  } catch (thrown) {
    if (thrown instanceof ControlError && thrown.exitCode === EXIT.unavailable) return thrown.message;
    throw thrown;
  }
}

/** The status as text for people. */
export function statusText(answer: Status, now: number, state = stateOf(answer, now, answer.version)): string {
  const up = formatDuration(now - Date.parse(answer.since));
  const first = stateLines(state, `trapline ${answer.version}`);
  const second = `up ${up}, process ${answer.pid}, ${banText(answer)}, ${counted(answer.hits, 'hit')} on record`;
  const head = [...first, second].join('\n');
  const stopped = stoppedIn(answer);
  const sources = table([
    ['SOURCE', 'STATE', 'LINES', 'BYTES'],
    ...answer.sources.map((source) => [source.name, source.state, String(source.lines), String(source.bytes)]),
  ]);
  const jails = table([
    ['JAIL', 'FILTER', 'HITS', 'BANS', 'SPARED', 'RULES'],
    ...answer.jails.map((jail) => [
      jail.name,
      jail.filter,
      String(jail.hits),
      String(jail.bans),
      String(jail.spared),
      stopped.has(jail.name) ? 'stopped' : ruleText(jail.rules),
    ]),
  ]);
  const actions = table([
    ['ACTION', 'STATE', 'OWED', 'DRIFT', 'LAST ERROR'],
    ...answer.actions.map((action) => [
      action.name,
      action.state,
      String(action.owed),
      String(action.drift),
      action.lastError ?? '-',
    ]),
  ]);
  const files = `configuration: ${answer.config ?? 'built in'}\nledger: ${answer.ledger}${ledgerText(answer)}`;
  const reasons = [...stopped].map(([jail, reason]) => `jail "${jail}" is stopped: ${printable(reason, 2000)}`);
  return [head, files, sources, ...missedText(answer.sources), jails, ...reasons, actions, ...ineffectiveText(answer)].join('\n\n');
}

/** The near misses of the sources, as text for people: a line for each source and reason. A daemon of an older version does not report them. */
function missedText(sources: Status['sources']): readonly string[] {
  const lines = sources.flatMap(({ name, nearMisses = [] }) =>
    nearMisses.map(({ reason, count, line }) => `${name}: ${counted(count, 'near miss')}: ${reason}\n  first line: ${line}`),
  );
  return lines.length === 0 ? [] : [lines.map((line) => line.split('\n').map(safe).join('\n')).join('\n')];
}

const safe = (text: string): string => printable(text, 2000);

/** The number of bans, and whether a firewall that stops packets still owes some of them. */
function banText({ bans, actions }: Status): string {
  const owed = Math.max(0, ...actions.map((action) => (action.state === 'failing' && blocksPackets(action) ? action.owed : 0)));
  return owed === 0
    ? `${counted(bans, 'ban')} in force`
    : `${counted(bans, 'ban')} recorded, NOT in force: ${Math.min(owed, bans)}`;
}

/** True for an action that stops packets. A daemon of an older version does not report this. */
function blocksPackets({ blocks }: Partial<Status['actions'][number]>): boolean {
  return blocks ?? true;
}

/** The maximum number of bans without effect that are printed. */
const MOST_PRINTED = 10;

/** The bans without effect, as text for people. A daemon of an older version does not report them. */
function ineffectiveText({ ineffective }: Partial<Status>): readonly string[] {
  if (ineffective === undefined || ineffective.length === 0) return [];
  const lines = ineffective.slice(0, MOST_PRINTED).map(({ network, jail, hits, since, because }) => {
    const times = `${counted(hits, 'hit')} since ${since}`;
    return `ban of ${network} (${jail}) has no effect, ${times}: ${printable(because, 2000)}`;
  });
  const more = ineffective.length - lines.length;
  return [[...lines, ...(more > 0 ? [`${more} more bans have no effect, see "trapline status --json"`] : [])].join('\n')];
}

/** Says whether the ledger cannot be written, and why. A daemon of an older version does not report the reason. */
function ledgerText({ unwritten, ledgerFault }: Status): string {
  if (unwritten === 0 && typeof ledgerFault !== 'string') return '';
  const reason = typeof ledgerFault === 'string' ? `\n  ${printable(ledgerFault, 2000)}` : '';
  return `, cannot be written: ${counted(unwritten, 'hit')} kept in memory${reason}`;
}

function ruleText(rules: Status['jails'][number]['rules']): string {
  return rules.map((rule) => (rule.setAside === null ? rule.name : `${rule.name} (set aside: ${rule.setAside})`)).join(', ');
}
