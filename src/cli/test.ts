// `trapline test`: says of each line of a log whether it is a hit, by which rule, and what the daemon would do about it.
import { buildCommand } from '@stricli/core';
import { formatNetwork } from '../lib/address.ts';
import { formatDuration } from '../lib/duration.ts';
import { printable } from '../lib/printable.ts';
import type { Hit, Verdict } from '../types.ts';
import type { Context } from './context.ts';
import { json, places, type Places } from './flags.ts';
import { commandLog, readConfig } from './open.ts';
import { say, sayJson } from './print.ts';

interface Flags extends Places {
  readonly json: boolean;
  readonly format: 'auto' | 'syslog' | 'journal';
}

/** The command. */
export const test = buildCommand<Flags, [string], Context>({
  docs: {
    brief: 'Say of each line whether it is a hit, and what the daemon would do',
    fullDescription:
      'Reads FILE (- is standard input) line by line, or a journal as "journalctl -o json" prints it, and changes nothing. The verdicts are those of a daemon that has seen nothing but these lines.',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'A log file, or - for standard input', parse: String, placeholder: 'file' }],
    },
    flags: {
      ...places,
      json,
      format: { kind: 'enum', values: ['auto', 'syslog', 'journal'], brief: 'What the lines are', default: 'auto' },
    },
  },
  async func(flags, file) {
    const config = await readConfig(flags);
    const { buildAllowList, buildJudge, buildMatcher } = await import('../daemon/rooms.ts');
    const { Ledger } = await import('../ledger/record.ts');
    const { readRecords } = await import('../sources/read.ts');
    const log = commandLog(this);
    const matcher = buildMatcher(config, log);
    const judge = buildJudge(config, buildAllowList(config, Date.now));
    const ledger = Ledger.open(':memory:', { log, clock: () => 0 });
    for await (const record of readRecords(file, { format: flags.format, now: Date.now(), log })) {
      const hits = record.bytes ? matcher.match({ source: file, bytes: record.bytes, at: record.at, cursor: undefined }) : [];
      const verdicts = judge.decide(hits, ledger.past);
      ledger.record(verdicts);
      if (flags.json) sayJson(this.process, jsonOf(record.line, verdicts));
      else say(this.process, textOf(record.line, verdicts));
    }
    ledger.close();
  },
});

/** What one record is, as `--json` prints it. `count` is there when the record says that the line before it came again. */
export function jsonOf(line: number, verdicts: readonly Verdict[]): Record<string, unknown> {
  const [verdict] = verdicts;
  if (!verdict) return { line, hit: false };
  const { address, jail, rule, at, fields } = verdict.hit;
  const count = verdicts.filter((one) => one.hit.jail === jail).length;
  return {
    line,
    hit: true,
    address,
    jail,
    rule,
    at: new Date(at).toISOString(),
    fields,
    verdict: verdict.kind,
    because: reasonOf(verdict),
    ...(count > 1 ? { count } : {}),
  };
}

function textOf(line: number, verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return `${line}: no hit`;
  return verdicts.map((verdict) => `${line}: ${hitText(verdict.hit)} -> ${verdict.kind}: ${reasonOf(verdict)}`).join('\n');
}

function hitText(hit: Hit): string {
  const trap = hit.fields.trap === undefined ? '' : ` (${printable(hit.fields.trap, 80)})`;
  return `hit by ${hit.address}, rule ${hit.rule} of jail ${hit.jail}${trap}`;
}

/** Why a verdict is what it is, in words. */
export function reasonOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'spare':
      return verdict.because;
    case 'watch':
      return `hit ${verdict.count} of ${verdict.maxretry}`;
    case 'held':
      return `${formatNetwork(verdict.network)} is banned already`;
    case 'ban': {
      const { network, since, until, offence } = verdict.ban;
      const length = until === null ? 'for ever' : `for ${formatDuration(until - since)}`;
      return `${formatNetwork(network)} ${length}, offence ${offence}${verdict.note === undefined ? '' : `, ${verdict.note}`}`;
    }
  }
}
