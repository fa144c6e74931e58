// `trapline test`: says of each line of a log whether it is a hit, by which rule, and what the daemon would do about it.
import { buildCommand } from '@stricli/core';
import type { Context } from './context.ts';
import { json, path, places, type Places } from './flags.ts';
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
      parameters: [{ brief: 'A log file, or - for standard input', parse: path, placeholder: 'file' }],
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
    const { readRecords } = await import('../sources/archive.ts');
    const { jsonOf, textOf } = await import('./verdict.ts');
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
