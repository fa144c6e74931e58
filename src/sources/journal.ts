// The live source of systemd's journal, through a journalctl(1) that follows it: entries of Postfix become syslog lines.
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { SourceError, messageOf } from '../errors.ts';
import { exec, type ExecOptions, type ExecResult } from '../lib/exec.ts';
import { Seldom } from '../lib/log.ts';
import { printable } from '../lib/printable.ts';
import type { Batch, Clock, Log, Source, SourceState } from '../types.ts';
import { lineOf, parseEntry, Senders, type Entry } from './entry.ts';
import { countLines, eachLine, LINE_LIMIT, LineSplitter } from './lines.ts';

/** Options of a source of type `journal`. */
export interface JournalOptions {
  readonly type: 'journal';
  /** User id of Postfix's mail_owner; asked from postconf(1) and id(1) by default. */
  readonly postfixUid?: number;
  /** The program and its first arguments; `journalctl` by default. */
  readonly command?: readonly string[];
  /** The machine (machine-id(5)) whose entries count; any by default. */
  readonly machine?: string;
  /** Where to begin at the very first start, when no cursor is stored: with what comes from now on by default. */
  readonly from?: 'start' | 'end';
}

/** Runs a program to its end: lib/exec.ts, or what a test puts in its place. */
export type Exec = (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;

/** Fields that are needed; journalctl adds the cursor and the time of receipt. Fields over 4096 bytes come as null: Postfix sends none. */
const FIELDS = 'MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_UID,_COMM,_EXE,_HOSTNAME,_SOURCE_REALTIME_TIMESTAMP,_SYSTEMD_UNIT';

/**
 * `--follow` alone shows the running boot only: what came between the cursor and a reboot would be lost, and all of it where the boot id
 * that journald sees is not that of /proc (containers). `--merge` lifts that; it also adds journals of other machines, hence `machine`.
 */
const FOLLOW = ['--follow', '--merge', '--no-tail'];

const DEADLINE = 10_000;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
const NOTICE_INTERVAL = 60_000;

/** Follows the journal. A cursor is journald's own, or a time such as `@1795564996` before there is any entry. */
export class JournalSource implements Source {
  readonly name = 'journal';
  readonly #options: JournalOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #exec: Exec;
  readonly #pause: number;
  readonly #seldom: Seldom;
  #state = 'not started';
  #lines = 0;
  #bytes = 0;

  constructor(
    options: JournalOptions,
    ports: { readonly log: Log; readonly clock: Clock; readonly exec?: Exec; readonly pause?: number },
  ) {
    this.#options = options;
    this.#log = ports.log;
    this.#clock = ports.clock;
    this.#exec = ports.exec ?? exec;
    this.#pause = ports.pause ?? FIRST_PAUSE;
    this.#seldom = new Seldom(NOTICE_INTERVAL, ports.clock);
  }

  /** See Source. Throws a SourceError when nobody knows who Postfix is, or journalctl cannot be started at all. */
  async *read(from: string | undefined, signal: AbortSignal): AsyncGenerator<Batch> {
    const uid = this.#options.postfixUid ?? (await uidOfPostfix(this.#exec));
    const { machine } = this.#options;
    const match = [`_UID=${uid}`, ...(machine === undefined ? [] : [`_MACHINE_ID=${machine}`])];
    let cursor = from ?? (this.#options.from === 'start' ? undefined : await this.#last(match));
    if (from === undefined && cursor !== undefined) yield this.#batch(Buffer.alloc(0), cursor);
    let pause = this.#pause;
    while (!signal.aborted) {
      const where = cursor === undefined ? [] : [placeArgument(cursor)];
      const child = this.#spawn([...FOLLOW, ...where, ...match], signal);
      for await (const batch of this.#entries(child, new Senders(uid), cursor)) {
        cursor = batch.cursor;
        pause = this.#pause;
        yield batch;
      }
      const { text: end, well } = await child.end;
      if (signal.aborted) return;
      if (well) {
        this.#state = 'polling';
        this.#seldom.say('polling', `journal: ${end}; asked again and again instead`, (text) => this.#log.warn(text));
        await sleep(this.#pause, undefined, { signal }).catch(() => {});
        continue;
      }
      this.#state = 'restarting journalctl';
      if (cursor !== undefined && /cursor/i.test(end)) {
        const since = secondsIn(cursor);
        const what = since === undefined ? 'begins from now, lines may be lost' : 'begins at the time that is in it';
        this.#log.notice(`journal: the stored cursor is not known any more: ${what}`);
        cursor = since === undefined ? this.#now() : `@${since}`;
      } else {
        this.#seldom.say('end', `journal: ${end}; started again`, (text) => this.#log.warn(text));
      }
      await sleep(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  /** How it is doing, for `status`. */
  stats(): SourceState {
    return { state: this.#state, lines: this.#lines, bytes: this.#bytes };
  }

  #argv(argv: readonly string[]): string[] {
    const command = this.#options.command ?? ['journalctl'];
    return [...command, '--quiet', '--no-pager', '--output=json', `--output-fields=${FIELDS}`, ...argv];
  }

  /**
   * The cursor of the last entry there is, else the time: nothing is missed until journalctl is there, or the next start. It is not told
   * to begin with the last 0 lines: with a match that nothing fits yet, version 252 leaves out the first entry that comes to fit.
   */
  async #last(match: readonly string[]): Promise<string> {
    const now = this.#now();
    try {
      const { stdout } = await this.#exec(this.#argv(['--merge', '--lines=1', ...match]), { deadline: DEADLINE });
      return cursorOf(parseEntry(Buffer.from(stdout)) ?? {}) ?? now;
    } catch {
      return now; // That it cannot be run is reported when it is started to follow.
    }
  }

  #now(): string {
    return `@${Math.floor(this.#clock() / 1000)}`;
  }

  #spawn(argv: readonly string[], signal: AbortSignal): Child {
    const [program = '', ...rest] = this.#argv(argv);
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-500);
    });
    const end = new Promise<End>((resolve) => {
      child.once('error', (error) => resolve({ text: `${program} cannot be started: ${messageOf(error)}`, well: false }));
      child.once('close', (code, killed) =>
        resolve({ text: `${program} ended (${killed ?? `code ${code}`}) ${printable(said.trim())}`.trimEnd(), well: code === 0 }),
      );
    }).finally(() => signal.removeEventListener('abort', stop));
    this.#state = 'following';
    return { end, stdout: child.stdout, stop };
  }

  /** What journalctl shows, but for the entry at the cursor it was started at: that one has been read. */
  async *#entries(child: Child, senders: Senders, from: string | undefined): AsyncGenerator<Batch & { readonly cursor: string }> {
    const lines = new LineSplitter(() => this.#log.notice('journal: an entry was too long to be read'), 16 * LINE_LIMIT);
    try {
      for await (const chunk of child.stdout) {
        const read = lines.feed(chunk as Buffer).flatMap((part) => [...eachLine(part)]);
        const shown = read.map(parseEntry).filter((entry) => entry !== undefined);
        const entries = shown.filter((entry) => cursorOf(entry) !== from);
        const cursor = entries.map(cursorOf).findLast((found) => found !== undefined);
        if (cursor === undefined) continue;
        const taken = entries.flatMap((entry) => (senders.trusts(entry) ? (lineOf(entry) ?? []) : []));
        yield this.#batch(Buffer.concat(taken), cursor);
      }
    } finally {
      child.stop();
    }
  }

  #batch(bytes: Buffer, cursor: string): Batch & { readonly cursor: string } {
    this.#lines += countLines(bytes);
    this.#bytes += bytes.length;
    return { source: this.name, bytes, at: this.#clock(), cursor };
  }
}

interface End {
  readonly text: string;
  /** It has shown all there is and ended by itself: it cannot follow when no inotify(7) instance is left. */
  readonly well: boolean;
}

interface Child {
  /** How it ended. Never rejects. */
  readonly end: Promise<End>;
  readonly stdout: NonNullable<ChildProcess['stdout']>;
  readonly stop: () => void;
}

/** Asks Postfix for its user, and the system for the user's id. Throws a SourceError when one of them does not know. */
async function uidOfPostfix(run: Exec): Promise<number> {
  try {
    const owner = (await run(['postconf', '-h', 'mail_owner'], { deadline: DEADLINE })).stdout.trim() || 'postfix';
    const uid = (await run(['id', '-u', owner], { deadline: DEADLINE })).stdout.trim();
    if (/^\d+$/.test(uid)) return Number(uid);
  } catch {
    // No postconf, no id: the same advice.
  }
  throw new SourceError('journal: the user id of Postfix is not known (postconf -h mail_owner), name it: postfix_uid');
}

/**
 * A place is a cursor of journald, or `@` and seconds when there is none. Not `--after-cursor`: version 252 skips one entry at the place
 * without a look at it, which is the first one not yet read when the entry of the cursor has been vacuumed.
 */
function placeArgument(cursor: string): string {
  return cursor.startsWith('@') ? `--since=${cursor}` : `--cursor=${cursor}`;
}

/** The time in a cursor (`t=`, hexadecimal microseconds), in whole seconds. */
function secondsIn(cursor: string): number | undefined {
  const found = /(?:^|;)t=([0-9a-f]{1,16})(?:;|$)/.exec(cursor);
  return found?.[1] === undefined ? undefined : Math.floor(Number.parseInt(found[1], 16) / 1_000_000);
}

function cursorOf(entry: Entry): string | undefined {
  const cursor = entry['__CURSOR'];
  return typeof cursor === 'string' ? cursor : undefined;
}
