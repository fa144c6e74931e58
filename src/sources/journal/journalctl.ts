// Runs journalctl(1): builds its arguments, starts the program that follows the journal, and reports how that program ended.
import type { Readable } from 'node:stream';
import { messageOf } from '../../errors.ts';
import { closeWhenQuiet, killProgram, startFault, startProgram } from '../../lib/children/exec.ts';
import { printable } from '../../lib/text/printable.ts';

/**
 * The fields that are read. journalctl adds cursor and time of receipt. It prints a field over 4096 bytes as null, but Postfix sends no
 * such field.
 */
const FIELDS = 'MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_UID,_COMM,_EXE,_HOSTNAME,_SOURCE_REALTIME_TIMESTAMP,_SYSTEMD_UNIT';

/** The further fields of entries of containers. */
const CONTAINER_FIELDS =
  'PRIORITY,CONTAINER_NAME,CONTAINER_PARTIAL_MESSAGE,CONTAINER_PARTIAL_ID,CONTAINER_PARTIAL_ORDINAL,CONTAINER_PARTIAL_LAST';

/**
 * `--follow` alone shows only the running boot, so entries between the cursor and a reboot would be lost. In containers all entries would be
 * lost, because the boot id of journald differs from the boot id in /proc. `--merge` shows all boots. It also adds the journals of other
 * machines, which the argument `machine` excludes.
 */
const FOLLOW = ['--follow', '--merge', '--no-tail'];

/** The number of characters that are kept of standard error. The last ones are kept, because they show why the program ended. */
const LONGEST_COMPLAINT = 250;

/**
 * The error messages of journalctl for a cursor or time that it cannot read. Other messages contain the word too, but have another cause, such as
 * `Failed to seek to cursor: Cannot allocate memory`.
 */
const REFUSAL = /Failed to (?:seek to cursor: Invalid argument|parse timestamp: )/;

/** How a program ended. */
export interface End {
  /** One line for the operator. */
  readonly text: string;
  /** True for exit code 0: the program has printed all entries, but cannot follow, because no inotify(7) instance is left. */
  readonly well: boolean;
  /** True when the place from which to read was refused. It would be refused again. */
  readonly refused: boolean;
}

/** A journalctl that follows the journal. */
export interface Following {
  /** Entries as JSON, one on each line. Ends with the program, also when a child of it holds its output open. Never rejects. */
  readonly output: AsyncIterable<Buffer>;
  /** Resolves when the program has ended. Never rejects. */
  readonly end: Promise<End>;
  /** Kills the program, if it has not ended. */
  readonly stop: () => void;
}

/** Builds the commands for the entries of one user. */
export class Journalctl {
  readonly #command: readonly string[];
  readonly #fields: string;
  readonly #match: readonly string[];

  /**
   * `command`: the program and its first arguments. Only entries of user `uid` on `machine` count (machine-id(5); any machine when
   * undefined), and entries of these containers that root has sent.
   */
  constructor(command: readonly string[], uid: number, machine: string | undefined, containers: readonly string[] = []) {
    this.#command = command;
    const place = machine === undefined ? [] : [`_MACHINE_ID=${machine}`];
    const names = containers.map((name) => `CONTAINER_NAME=${name}`);
    this.#fields = names.length === 0 ? FIELDS : `${FIELDS},${CONTAINER_FIELDS}`;
    this.#match = [`_UID=${uid}`, ...place, ...(names.length === 0 ? [] : ['+', '_UID=0', ...names, ...place])];
  }

  /** The command that prints the last entry. */
  get lastEntry(): readonly string[] {
    return this.#words('--merge', '--lines=1');
  }

  /**
   * Starts to follow from a cursor of journald, from a time (`@` and seconds), or from the first entry. The entry at the cursor is printed
   * first. `--after-cursor` is not used: when the entry at the cursor has been vacuumed, version 252 also skips the entry after it.
   */
  follow(cursor: string | undefined, signal: AbortSignal): Following {
    const place = cursor === undefined ? [] : [cursor.startsWith('@') ? `--since=${cursor}` : `--cursor=${cursor}`];
    const argv = this.#words(...FOLLOW, ...place);
    const name = argv[0] ?? '';
    const child = startProgram(argv);
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-LONGEST_COMPLAINT);
    });
    const stop = (): void => {
      if (child.exitCode === null && child.signalCode === null) killProgram(child);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const end = new Promise<End>((resolve) => {
      child.once('error', (error) =>
        resolve({ text: `${name} cannot be started: ${messageOf(startFault(name, error))}`, well: false, refused: false }),
      );
      child.once('exit', () => closeWhenQuiet(child));
      child.once('close', (code, killed) => {
        const text = `${name} ended (${killed ?? `code ${code}`}) ${printable(complaint.trim())}`.trimEnd();
        resolve({ text, well: code === 0, refused: REFUSAL.test(complaint) });
      });
    }).finally(() => signal.removeEventListener('abort', stop));
    child.stdin.end();
    return { output: chunksOf(child.stdout), end, stop };
  }

  #words(...words: readonly string[]): readonly string[] {
    return [
      ...this.#command,
      '--quiet',
      '--no-pager',
      '--output=json',
      `--output-fields=${this.#fields}`,
      ...words,
      ...this.#match,
    ];
  }
}

async function* chunksOf(output: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of output) yield chunk as Buffer;
  } catch {
    // The output was closed before its end. The end of the program shows why.
  }
}
