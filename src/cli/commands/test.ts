// `trapline test`: prints the hits of a log, each with the rule and the verdict of the daemon, the near misses with their reasons, and a summary.
import { existsSync } from 'node:fs';
import { buildCommand } from '@stricli/core';
import { DamagedError } from '../../errors.ts';
import type { NearMiss, Verdict } from '../../words/walk.ts';
import type { Context } from '../context.ts';
import { json, path, places, type Places } from '../flags.ts';
import { commandLog, readConfig } from '../open.ts';
import { logStopped, refuseStopped } from '../stopped.ts';
import { announceInput } from '../terminal/input.ts';
import { counted, say, sayJson } from '../terminal/print.ts';
import { Progress } from '../terminal/progress.ts';

interface Flags extends Places {
  readonly all: boolean;
  readonly json: boolean;
  readonly format: 'auto' | 'syslog' | 'journal';
}

/** The command. */
export const test = buildCommand<Flags, [string], Context>({
  docs: {
    brief: 'Show the hits in a log, and the verdicts of the daemon',
    fullDescription:
      'Reads FILE (plain or packed; - is standard input), or a journal as "journalctl -o json" prints it, and changes nothing. Prints each line that is a hit, with the verdict of a daemon that has read these lines only, each near miss (a line with the words of a trap that no rule takes) with the reason, and a summary. In place of FILE, a log line may be given in quotes.',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'A log file, - for standard input, or one log line', parse: path, placeholder: 'file' }],
    },
    flags: {
      ...places,
      all: { kind: 'boolean', brief: 'Print the lines without a hit too', default: false, withNegated: false },
      json,
      format: { kind: 'enum', values: ['auto', 'syslog', 'journal'], brief: 'Format of the lines', default: 'auto' },
    },
  },
  async func(flags, word) {
    const { compileLater } = await import('../backfill/compiler.ts');
    compileLater();
    const config = await readConfig(flags);
    const { buildMatcher, withNames } = await import('../../daemon/rooms/build.ts');
    const { openTrial } = await import('../../daemon/alone/trial.ts');
    const { containersIn, openArchive } = await import('../../sources/archive.ts');
    const { sizeOf } = await import('../backfill/archives.ts');
    const { isOver, jsonOf, textOf } = await import('../terminal/verdict.ts');
    const { notesOn } = await import('../trial/notes.ts');
    const { Scan } = await import('../trial/scan.ts');
    const log = commandLog(this);
    const matcher = buildMatcher(await withNames(config, { log }), log);
    logStopped(matcher.stopped, log);
    const isLine = isLogLine(word);
    const file = isLine ? '-' : word;
    if (word === '-') announceInput(this, 'log lines');
    const input = isLine ? { input: oneLine(word) } : word === '-' ? { input: this.stdin } : {};
    const source = openArchive(file, {
      format: flags.format,
      now: Date.now(),
      log,
      containers: containersIn(config),
      ...input,
      numbered: true,
    });
    const progress = new Progress(
      await sizeOf([file]),
      this.terminal && !flags.json && !flags.all ? (text) => this.process.stderr.write(text) : undefined,
    );
    const trial = openTrial(config, { log, clock: Date.now });
    const scan = new Scan({
      match: (batch, missed, further) => matcher.match(batch, missed, further),
      candidates: (batch) => matcher.candidates(batch),
    });
    const meaning = { now: Date.now(), findtimes: new Map(config.jails.map(({ name, findtime }) => [name, findtime])) };
    const jails = new Set<string>();
    const sum = { hits: 0, misses: 0, bans: 0, over: 0 };
    let printed = 0;
    const print = (line: number, verdicts: readonly Verdict[], miss?: NearMiss): void => {
      if (flags.json) sayJson(this.process, jsonOf(line, verdicts, meaning, miss));
      else say(this.process, textOf(line, verdicts, meaning, miss));
    };
    /** Prints the lines without a hit up to and including this one. */
    const skip = (last: number): void => {
      for (; flags.all && printed < last; printed += 1) print(printed + 1, []);
    };
    let damage: DamagedError | undefined;
    try {
      for await (const batch of progress.along(source.read(undefined, new AbortController().signal))) {
        const found = scan.next(batch);
        const { verdicts } = trial.court.judge(found.flatMap(({ hits }) => hits));
        let judged = 0;
        if (found.length > 0) progress.end();
        for (const { line, hits, miss } of found) {
          const own = verdicts.slice(judged, (judged += hits.length));
          skip(line - 1);
          print(line, own, miss);
          printed = line;
          sum.hits += own.length;
          if (miss && own.length === 0) sum.misses += 1;
          for (const verdict of own) {
            jails.add(verdict.hit.jail);
            if (verdict.kind === 'ban') sum.bans += 1;
            if (isOver(verdict, meaning.now)) sum.over += 1;
          }
        }
        skip(scan.lines);
      }
    } catch (thrown) {
      if (!(thrown instanceof DamagedError) || scan.lines === 0) throw thrown;
      damage = thrown;
    }
    progress.end();
    trial.close();
    const { lines } = scan;
    if (!flags.json) {
      say(this.process, summaryText(lines, sum));
      if (file !== '-') for (const note of await notesOn(file, jails, config, log)) say(this.process, note);
    }
    if (damage) throw damage;
    refuseStopped(matcher.stopped);
  },
});

/** The numbers of a test. `over`: the number of the bans that would not be set now. */
interface Sum {
  readonly hits: number;
  readonly misses: number;
  readonly bans: number;
  readonly over: number;
}

/** The last line of a test: `43 lines, 4 hits, 4 bans`, or `43 lines, 4 hits, 2 near misses, 4 bans`. */
export function summaryText(lines: number, { hits, misses, bans, over }: Sum): string {
  const missed = misses === 0 ? [] : [counted(misses, 'near miss')];
  const text = [counted(lines, 'line'), counted(hits, 'hit'), ...missed, counted(bans, 'ban')].join(', ');
  return over === 0
    ? text
    : `${text} (${over === bans ? 'all' : over} over by now, a daemon would not set ${over === 1 ? 'it' : 'them'})`;
}

/** True for a word that is a log line and no file: it has blanks and a colon. */
function isLogLine(word: string): boolean {
  return /\s/.test(word) && /[:{]/.test(word) && !existsSync(word);
}

async function* oneLine(line: string): AsyncGenerator<Buffer> {
  yield Buffer.from(`${line}\n`);
}
