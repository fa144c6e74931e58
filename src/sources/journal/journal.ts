// The entry point of this folder: the live source of systemd's journal. Entries of Postfix become syslog lines.
import { setTimeout as sleep } from 'node:timers/promises';
import { SourceError } from '../../errors.ts';
import { exec, type ExecOptions, type ExecResult } from '../../lib/children/exec.ts';
import { Throttle } from '../../lib/text/throttle.ts';
import type { Clock, Log } from '../../words/ports.ts';
import type { Batch, Source, SourceState } from '../../words/walk.ts';
import { Envelope } from '../envelope/envelope.ts';
import { countLines, eachLine, LINE_LIMIT, WholeLines } from '../lines.ts';
import { settingsOf, sourceName, type JournalOptions } from '../options.ts';
import { Containers } from './containers.ts';
import { lineOf, parseEntry, Senders, type JournalEntry } from './entry.ts';
import { Journalctl, type Following } from './journalctl.ts';

export { Containers } from './containers.ts';
export { lineOf, parseEntry, Senders } from './entry.ts';
export { entryLines, journalForm, START_OF_LOG, type EntryLines } from './forms.ts';

/** Runs a program to its end: the function of lib/children/exec.ts, or a substitute in a test. */
export type Exec = (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;

/** Milliseconds after which a program that should end by itself is killed. */
const DEADLINE = 10_000;
/** Milliseconds before journalctl is started again. The pause doubles each time journalctl ends without an entry, up to the longest pause. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
/** (uid_t) -1, which is no user (setreuid(2)). */
const NOBODY = 4_294_967_295;

/** A warning of one kind is logged at most once in this time (milliseconds). */
const NOTICE_INTERVAL = 60_000;

/** A batch of the journal always has a cursor. The cursor comes from journald. Before there is any entry, it is a time such as `@1795564996`. */
type JournalBatch = Batch & { readonly cursor: string };

/** Follows the journal with journalctl, and starts it again when it ends. */
export class JournalSource implements Source {
  readonly name = sourceName({ type: 'journal' });
  readonly settings: string;
  readonly #options: JournalOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #exec: Exec;
  readonly #pause: number;
  readonly #throttle: Throttle;
  #state = 'not started';
  /** Why journalctl does not run at present. */
  #fault: string | undefined;
  #lines = 0;
  #bytes = 0;

  constructor(
    options: JournalOptions,
    ports: { readonly log: Log; readonly clock: Clock; readonly exec?: Exec; readonly pause?: number },
  ) {
    this.settings = settingsOf(options);
    this.#options = options;
    this.#log = ports.log;
    this.#clock = ports.clock;
    this.#exec = ports.exec ?? exec;
    this.#pause = ports.pause ?? FIRST_PAUSE;
    this.#throttle = new Throttle(NOTICE_INTERVAL, ports.clock);
  }

  /** See Source. Throws a SourceError when the user id of Postfix is not configured and cannot be determined. */
  async *read(from: string | undefined, signal: AbortSignal): AsyncGenerator<Batch> {
    const { command = ['journalctl'], machine, containers = [] } = this.#options;
    const uid = this.#options.postfixUid ?? (await this.#uid());
    const journalctl = new Journalctl(command, uid, machine, containers);
    let cursor = from ?? (this.#options.from === 'start' ? undefined : await this.#lastCursor(journalctl));
    if (from === undefined && cursor !== undefined) yield this.#batch(Buffer.alloc(0), cursor);
    let pause = this.#pause;
    while (!signal.aborted) {
      this.#state = 'following';
      cursor = this.#usable(cursor);
      this.#fault = undefined;
      const following = journalctl.follow(cursor, signal);
      for await (const batch of this.#batches(following, new Senders(uid), new Containers(containers), cursor)) {
        cursor = batch.cursor;
        pause = this.#pause;
        yield batch;
      }
      const { text, well, refused } = await following.end;
      if (signal.aborted) return;
      this.#state = well ? 'polling' : 'restarting journalctl';
      if (!well) this.#fault = `journal: ${text}`;
      if (well) this.#reportPolling(text);
      else if (refused && cursor !== undefined) cursor = this.#insteadOf(cursor);
      else this.#reportEnd(text);
      await sleep(well ? this.#pause : pause, undefined, { signal }).catch(() => {}); // An abort ends the loop.
      if (!well) pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  /** The state of the source, for `status`. */
  stats(): SourceState {
    const fault = this.#fault === undefined ? {} : { fault: this.#fault, blind: true };
    return { state: this.#state, lines: this.#lines, bytes: this.#bytes, ...fault };
  }

  #reportPolling(end: string): void {
    this.#throttle.pass('polling', `journal: ${end}; it is run every second instead`, (text) => this.#log.warn(text));
  }

  #reportEnd(end: string): void {
    this.#throttle.pass('end', `journal: ${end}; started again`, (text) => this.#log.warn(text));
  }

  /**
   * A cursor with which journalctl can be run. A time ahead of the clock, recorded before the clock was set back, is replaced by the present
   * time: journalctl would show no entry until then.
   */
  #usable(cursor: string | undefined): string | undefined {
    if (cursor === undefined || isCursor(cursor)) return cursor;
    const time = /^@(\d{1,12})$/.exec(cursor)?.[1];
    return time === undefined ? this.#insteadOf(cursor) : `@${Math.min(Number(time), this.#now())}`;
  }

  /** Returns the time in a cursor that journald does not know, which is its replacement, or else the present time. */
  #insteadOf(cursor: string): string {
    const since = secondsIn(cursor);
    const next = since === undefined ? 'reading begins now, lines may be lost' : 'reading begins at the time in the cursor';
    this.#log.notice(`journal: journald does not know the stored cursor: ${next}`);
    return `@${Math.min(since ?? Infinity, this.#now())}`;
  }

  /**
   * Returns the cursor of the last entry or, if there is none, the present time. With this cursor, no entry is missed that is sent before
   * journalctl runs, or before the next start. `--lines=0` cannot be used instead: while no entry matches, version 252 leaves out the first
   * entry that matches later.
   */
  async #lastCursor(journalctl: Journalctl): Promise<string> {
    const now = `@${this.#now()}`;
    try {
      const { stdout } = await this.#exec(journalctl.lastEntry, { deadline: DEADLINE });
      return cursorOf(parseEntry(Buffer.from(stdout)) ?? {}) ?? now;
    } catch {
      return now; // The next start of journalctl will report why it cannot be run.
    }
  }

  /** The present time in whole seconds. */
  #now(): number {
    return Math.floor(this.#clock() / 1000);
  }

  /** The user id of Postfix. Where only containers are read, Postfix need not be installed: then it is an id that no user has. */
  async #uid(): Promise<number> {
    try {
      return await uidOfPostfix(this.#exec);
    } catch (thrown) {
      if ((this.#options.containers ?? []).length === 0) throw thrown;
      return NOBODY;
    }
  }

  /** Yields the entries that journalctl prints, except the entry at the cursor `from`, which has been read before. */
  async *#batches(
    { output, stop }: Following,
    senders: Senders,
    containers: Containers,
    from: string | undefined,
  ): AsyncGenerator<JournalBatch> {
    const lines = new WholeLines(() => this.#reportLong(), 16 * LINE_LIMIT);
    try {
      for await (const chunk of output) {
        const printed = lines.feed(chunk).flatMap((part) => [...eachLine(part)]);
        const parsed = printed.map(parseEntry).filter((entry) => entry !== undefined);
        const entries = parsed.filter((entry) => cursorOf(entry) !== from);
        const cursor = entries.map(cursorOf).findLast((found) => found !== undefined);
        if (cursor === undefined) continue;
        const trusted = entries.flatMap((entry) => (senders.trusts(entry) ? lineOf(entry) : containers.lineOf(entry)) ?? []);
        yield this.#batch(Buffer.concat(trusted), cursor, containers.none ? 'none' : 'auto');
      }
    } finally {
      stop();
    }
  }

  #reportLong(): void {
    this.#throttle.pass('long', 'journal: an entry was too long to be read', (text) => this.#log.notice(text));
  }

  #batch(bytes: Buffer, cursor: string, kind: 'none' | 'auto' = 'none'): JournalBatch {
    this.#lines += countLines(bytes);
    this.#bytes += bytes.length;
    const batch = { source: this.name, bytes, at: this.#clock(), cursor };
    const envelopes = new Envelope(kind).of(batch);
    return envelopes ? { ...batch, envelopes } : batch;
  }
}

/** Finds the user of Postfix with postconf(1), and the id of that user with id(1). Throws a SourceError when one of these programs fails. */
async function uidOfPostfix(run: Exec): Promise<number> {
  try {
    const owner = (await run(['postconf', '-h', 'mail_owner'], { deadline: DEADLINE })).stdout.trim() || 'postfix';
    const uid = (await run(['id', '-u', owner], { deadline: DEADLINE })).stdout.trim();
    if (/^\d+$/.test(uid)) return Number(uid);
  } catch {
    // A program is missing. The advice in the error below covers this case, too.
  }
  throw new SourceError('journal: the user id of Postfix is not known (postconf -h mail_owner), set postfix_uid');
}

/** The time in a cursor of journald (`t=`, hexadecimal microseconds), in whole seconds. */
function secondsIn(cursor: string): number | undefined {
  const found = /(?:^|;)t=([0-9a-f]{1,16})(?:;|$)/.exec(cursor);
  return found?.[1] === undefined ? undefined : Math.floor(Number.parseInt(found[1], 16) / 1_000_000);
}

function cursorOf(entry: JournalEntry): string | undefined {
  const cursor = entry['__CURSOR'];
  return typeof cursor === 'string' && isCursor(cursor) ? cursor : undefined;
}

/** True for a text that can be a cursor of journald: some 120 letters, digits and signs, which fit into an argument of a program. */
function isCursor(text: string): boolean {
  return /^[a-z]=[!-~]{1,1000}$/.test(text);
}
