// The output of `trapline test` for one line of a log: a line for people, JSON for programs.
import { formatNetwork } from '../../lib/address.ts';
import { formatDuration } from '../../lib/text/duration.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Millis } from '../../words/ports.ts';
import type { Hit, NearMiss, Verdict } from '../../words/walk.ts';
import { localTime } from './print.ts';

/** The values besides the verdict that decide what a daemon would do if it read the line now. */
export interface Meaning {
  /** The present time. */
  readonly now: Millis;
  /** The findtime of each jail in milliseconds. */
  readonly findtimes: ReadonlyMap<string, Millis>;
}

/** The result for one line, as `--json` prints it. `count` is present when the line stands for several messages ("last message repeated"). */
export function jsonOf(line: number, verdicts: readonly Verdict[], meaning: Meaning, miss?: NearMiss): Record<string, unknown> {
  const [verdict] = verdicts;
  if (!verdict) return { line, hit: false, ...(miss && { nearMiss: miss.reason }) };
  const { address, jail, rule, at, fields, undated } = verdict.hit;
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
    ...(undated === undefined ? {} : { undated: true }),
    because: reasonOf(verdict, meaning),
    ...(verdict.kind === 'ban' ? { over: isOver(verdict, meaning.now) } : {}),
    ...(count > 1 ? { count } : {}),
  };
}

/** The result for one line, as text for people. */
export function textOf(line: number, verdicts: readonly Verdict[], meaning: Meaning, miss?: NearMiss): string {
  if (verdicts.length === 0) return miss ? `${line}: near miss: ${miss.reason}` : `${line}: no hit`;
  return verdicts
    .map((verdict) => `${line}: ${hitText(verdict.hit)} -> ${wordOf(verdict, meaning.now)}: ${reasonOf(verdict, meaning)}`)
    .join('\n');
}

/** True for a ban that has ended: a daemon that reads the line now sets no ban. */
export function isOver(verdict: Verdict, now: Millis): boolean {
  return verdict.kind === 'ban' && verdict.ban.until !== null && verdict.ban.until <= now;
}

function hitText(hit: Hit): string {
  const trap = hit.fields.trap === undefined ? '' : ` (${printable(hit.fields.trap, 80)})`;
  const date = hit.undated === undefined ? '' : ', the date cannot be read: now for a followed log, left out by a backfill';
  return `hit by ${hit.address}, rule ${hit.rule} of jail ${hit.jail}${trap}${date}`;
}

function wordOf(verdict: Verdict, now: Millis): string {
  switch (verdict.kind) {
    case 'spare':
      return 'never banned';
    case 'watch':
      return 'no ban yet';
    case 'held':
      return 'banned already';
    case 'ban':
      return isOver(verdict, now) ? 'no ban now' : 'ban';
  }
}

/** The reason of a verdict, in words. */
function reasonOf(verdict: Verdict, { now, findtimes }: Meaning): string {
  switch (verdict.kind) {
    case 'spare':
      return verdict.because;
    case 'watch': {
      const findtime = findtimes.get(verdict.hit.jail);
      return `hit ${verdict.count} of ${verdict.maxretry}${findtime === undefined ? '' : ` within ${formatDuration(findtime)}`}`;
    }
    case 'held':
      return formatNetwork(verdict.network);
    case 'ban': {
      const { network, since, until, offence } = verdict.ban;
      const length = until === null ? 'for ever' : `for ${formatDuration(until - since)}`;
      const over = until !== null && isOver(verdict, now) ? `, over since ${localTime(until)}` : '';
      const note = verdict.note === undefined ? '' : `, ${verdict.note}`;
      return `${formatNetwork(network)} ${length}, offence ${offence}${over}${note}`;
    }
  }
}
