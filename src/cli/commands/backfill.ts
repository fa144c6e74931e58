// `trapline backfill`: finds the hits in old logs, and sends them to the daemon, which judges them by the dates of their lines. When no
// daemon runs, this program judges the hits itself.
import { buildCommand } from '@stricli/core';
import type { HitsSummary } from '../../words/desk.ts';
import { Interrupted } from '../../errors.ts';
import type { Millis } from '../../words/ports.ts';
import type { Source } from '../../words/walk.ts';
import type { Errand } from '../../daemon/alone/errand.ts';
import type { Context } from '../context.ts';
import { json, moment, path, places, type Places } from '../flags.ts';
import { commandLog, readConfig, withControls } from '../open.ts';
import { logStopped, refuseStopped } from '../stopped.ts';
import { announceInput, inputUntil } from '../terminal/input.ts';
import { refuseOwed } from '../terminal/owed.ts';
import { banTable, say, sayJson } from '../terminal/print.ts';
import { Progress } from '../terminal/progress.ts';

interface Flags extends Places {
  readonly fromNow: boolean;
  readonly since?: Millis;
  readonly until?: Millis;
  readonly dryRun: boolean;
  readonly format: Format;
  readonly json: boolean;
}

type Format = 'auto' | 'syslog' | 'journal';

/** The command. */
export const backfill = buildCommand<Flags, string[], Context>({
  docs: {
    brief: 'Read old logs once and set the bans that would still be in force',
    fullDescription:
      'Reads each FILE (plain, gzip, zstd, xz or bzip2; - is standard input) with the filters and rules of the daemon. Hits are judged by the dates of their lines, so only bans that would still be in force are set, for the time that remains. A second run changes nothing. Ends with exit code 69 when a firewall does not hold a ban that was set.',
  },
  parameters: {
    positional: {
      kind: 'array',
      parameter: { brief: 'Log files, or - for standard input', parse: path, placeholder: 'file' },
      minimum: 1,
    },
    flags: {
      ...places,
      fromNow: { kind: 'boolean', brief: 'Ban times count from now, not from the log', default: false, withNegated: false },
      since: {
        kind: 'parsed',
        parse: moment,
        brief: 'Leave out hits before this moment (2026-11-25, 2026-11-25T08:00:00Z, 7d)',
        placeholder: 'time',
        optional: true,
      },
      until: { kind: 'parsed', parse: moment, brief: 'Leave out hits from this moment on', placeholder: 'time', optional: true },
      dryRun: { kind: 'boolean', brief: 'Change nothing, print the bans that would be set', default: false, withNegated: false },
      format: { kind: 'enum', values: ['auto', 'syslog', 'journal'], brief: 'Format of the lines', default: 'auto' },
      json,
    },
  },
  async func(flags, ...files) {
    const stop = new AbortController();
    const forget = this.onInterrupt(() => stop.abort());
    const { compileLater } = await import('../backfill/compiler.ts');
    compileLater();
    const config = await readConfig(flags);
    const { buildMatcher, withNames } = await import('../../daemon/rooms/build.ts');
    const { NO_HITS, runRehearsal } = await import('../../daemon/alone/errand.ts');
    const { containersIn, openArchive } = await import('../../sources/archive.ts');
    const { oldestFirst, sizeOf } = await import('../backfill/archives.ts');
    const { Reading } = await import('../backfill/reading.ts');
    const { missLines } = await import('../backfill/missed.ts');
    const { interruptText, summaryText } = await import('../backfill/result.ts');
    const { since = -Infinity, until = Infinity, dryRun } = flags;
    if (since >= until) {
      if (flags.json) sayJson(this.process, { files: files.length, bytes: 0, dryRun, ...NO_HITS });
      else say(this.process, 'nothing was read: --since is not before --until, so no hit could count');
      return;
    }
    const log = commandLog(this);
    const named = await withNames(config, { log });
    const matcher = buildMatcher(named, log);
    logStopped(matcher.stopped, log);
    const fromInput = files.includes('-');
    if (fromInput) announceInput(this, 'log lines');
    // Standard input is not opened unless it is read.
    const input = fromInput ? { input: inputUntil(this.stdin, stop.signal) } : {};
    const open = (file: string): Source =>
      openArchive(file, { format: flags.format, now: Date.now(), log, containers: containersIn(config), ...input });
    const ordered = await oldestFirst(files, open);
    const progress = new Progress(
      await sizeOf(ordered.map(({ file }) => file)),
      this.terminal && !flags.json ? (text) => this.process.stderr.write(text) : undefined,
    );
    const reading = new Reading(ordered, {
      matchAll: (batches, missed) => matcher.matchAll(batches, missed),
      wanted: (hit) => hit.at >= since && hit.at < until,
      progress,
      signal: stop.signal,
      names: beginningsOf(named.syslogNames),
    });
    const judged = (errand: Pick<Errand, 'judge'>): Promise<HitsSummary> =>
      errand.judge(reading.hits(), { fromNow: flags.fromNow });
    const summary = dryRun
      ? await runRehearsal(config, { log, clock: Date.now }, judged)
      : await withControls(this, flags, judged, config);
    forget();
    progress.end();
    const [damage, ...more] = reading.damages;
    // If nothing could be read, only the damage is reported.
    if (damage && more.length === 0 && progress.bytes === 0) throw damage;
    const { outside, undated, missed } = reading;
    const interrupted = stop.signal.aborted;
    if (flags.json) {
      const read = {
        files: ordered.length,
        bytes: progress.bytes,
        dryRun,
        undated: undated.count,
        nearMisses: missed.rows(),
        ...(interrupted && { interrupted }),
      };
      sayJson(this.process, { ...read, ...summary });
    } else if (!interrupted) {
      const foreign = reading.foreign.length === ordered.length;
      for (const text of missLines(missed.rows(), progress.bytes)) say(this.process, text);
      if (dryRun && summary.set.length > 0) say(this.process, banTable(summary.set, Date.now()));
      say(
        this.process,
        summaryText(summary, {
          files: ordered.length,
          bytes: progress.bytes,
          dryRun,
          outside,
          undated,
          foreign,
          misses: missed.total,
        }),
      );
    }
    if (interrupted) throw new Interrupted(interruptText(summary, progress.reached(), dryRun));
    for (const one of more) log.error(one.message);
    if (damage) throw damage;
    refuseOwed(summary.set, 'bans');
    refuseStopped(matcher.stopped);
  },
});

/** The beginnings of names that may end in a star: `postfix` of `postfix*`. */
function beginningsOf(names: 'auto' | readonly string[]): readonly string[] {
  return names === 'auto' ? ['postfix'] : names.map((name) => name.replace(/\*.*/, ''));
}
