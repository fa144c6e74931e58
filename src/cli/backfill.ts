// `trapline backfill`: takes old logs through the same walk, in log time; the verdicts go to the daemon or, when none runs, to ledger and
// firewall from here.
import { buildCommand } from '@stricli/core';
import type { Hit, HitsSummary, Millis, Source } from '../types.ts';
import type { Errand } from '../daemon/desk.ts';
import type { Context } from './context.ts';
import { json, moment, path, places, type Places } from './flags.ts';
import { commandLog, readConfig, withControls } from './open.ts';
import { banTable, counted, say, sayJson } from './print.ts';
import { Novelty } from './novelty.ts';
import { Progress } from './progress.ts';

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
      'Reads each FILE (plain, gzip, zstd, xz or bzip2; - is standard input) through the same filters and rules as the daemon. Windows and ban times count in log time, so only bans that would still be in force are set, for the time that remains. Running it twice changes nothing.',
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
      dryRun: { kind: 'boolean', brief: 'Change nothing, print what it would do', default: false, withNegated: false },
      format: { kind: 'enum', values: ['auto', 'syslog', 'journal'], brief: 'What the lines are', default: 'auto' },
      json,
    },
  },
  async func(flags, ...files) {
    const { compileLater } = await import('./compiler.ts');
    compileLater();
    const config = await readConfig(flags);
    const { buildMatcher } = await import('../daemon/rooms.ts');
    const { runRehearsal } = await import('../daemon/desk.ts');
    const { openArchive } = await import('../sources/archive.ts');
    const { oldestFirst, sizeOf } = await import('./archives.ts');
    const log = commandLog(this);
    const matcher = buildMatcher(config, log);
    const open = (file: string): Source => openArchive(file, { format: flags.format, now: Date.now(), log });
    const ordered = await oldestFirst(files, open);
    const progress = new Progress(
      await sizeOf(ordered.map(([file]) => file)),
      this.terminal && !flags.json ? (text) => this.process.stderr.write(text) : undefined,
    );
    const wanted = (hit: Hit): boolean => hit.at >= (flags.since ?? -Infinity) && hit.at < (flags.until ?? Infinity);
    const novelty = new Novelty();
    async function* found(): AsyncGenerator<readonly Hit[]> {
      for (const [file, source] of ordered) {
        novelty.nextFile(file === ordered.at(-1)?.[0]);
        for await (const hits of matcher.matchAll(progress.along(source.read(undefined, new AbortController().signal)))) {
          const news = novelty.of(hits.filter(wanted));
          if (news.length > 0) yield news;
        }
      }
    }
    const judged = (errand: Pick<Errand, 'judge'>): Promise<HitsSummary> => errand.judge(found(), { fromNow: flags.fromNow });
    const summary = flags.dryRun
      ? await runRehearsal(config, { log, clock: Date.now }, judged)
      : await withControls(this, flags, judged);
    progress.end();
    if (flags.json)
      return sayJson(this.process, { files: ordered.length, bytes: progress.bytes, dryRun: flags.dryRun, ...summary });
    if (flags.dryRun && summary.set.length > 0) say(this.process, banTable(summary.set, Date.now()));
    say(this.process, summaryText(summary, ordered.length, flags.dryRun));
  },
});

/** The closing line of a backfill. */
export function summaryText(summary: HitsSummary, files: number, dryRun: boolean): string {
  const { hits, known, spared, bans, set } = summary;
  const parts = [
    `${counted(hits, 'hit')} in ${counted(files, 'file')}`,
    ...(known > 0 ? [`${known} on record already`] : []),
    ...(spared > 0 ? [`${spared} spared`] : []),
    counted(bans, 'ban'),
    dryRun ? `${set.length} would be set now` : `${set.length} still in force and set`,
  ];
  return parts.join(', ');
}
