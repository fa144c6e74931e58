// `trapline status`: what the daemon is doing.
import { buildCommand } from '@stricli/core';
import type { Status } from '../types.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Context } from './context.ts';
import { json, places, type Places } from './flags.ts';
import { callDaemon } from './open.ts';
import { counted, say, sayJson, table } from './print.ts';

interface Flags extends Places {
  readonly json: boolean;
}

/** The command. */
export const status = buildCommand<Flags, [], Context>({
  docs: { brief: 'Show what the daemon is doing' },
  parameters: { flags: { ...places, json } },
  async func(flags) {
    const controls = await callDaemon(flags, true);
    const answer = await controls.status();
    if (flags.json) return sayJson(this.process, answer);
    say(this.process, statusText(answer, Date.now()));
  },
});

/** The status as people read it. */
export function statusText(answer: Status, now: number): string {
  const up = formatDuration(now - Date.parse(answer.since));
  const head = `trapline ${answer.version} runs as ${answer.pid} for ${up}: ${counted(answer.bans, 'ban')} in force, ${counted(answer.hits, 'hit')} on record`;
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
      ruleText(jail.rules),
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
  const waiting = answer.unwritten === 0 ? '' : `, cannot be written: ${counted(answer.unwritten, 'hit')} kept in memory`;
  const files = `configuration: ${answer.config ?? 'built in'}\nledger: ${answer.ledger}${waiting}`;
  return [head, files, sources, jails, actions].join('\n\n');
}

function ruleText(rules: Status['jails'][number]['rules']): string {
  return rules.map((rule) => (rule.setAside === null ? rule.name : `${rule.name} (set aside: ${rule.setAside})`)).join(', ');
}
