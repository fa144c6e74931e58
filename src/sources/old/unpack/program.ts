// Unpacks with programs of the system, because no package for Node reads zstd, xz or bzip2 as fast (docs/decisions/0010-scan.md).
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { DamagedError, messageOf, SourceError } from '../../../errors.ts';
import { findProgram, startPartner } from '../../../lib/children/exec.ts';
import { printable } from '../../../lib/text/printable.ts';
import { usedText } from './gzip.ts';
import { Pipe } from './pipe.ts';

/** A program that unpacks from standard input to standard output. */
export interface Program {
  readonly name: string;
  readonly words: readonly string[];
  /** Debian's package of the program. */
  readonly package: string;
}

/** Characters that are kept of the program's standard error. */
const LONGEST_COMPLAINT = 200;

/**
 * Yields unpacked bytes. `packed` is an open file, which is read from its current offset on, or chunks of packed bytes. A yielded chunk is
 * valid until the next chunk is requested. If the log is truncated or damaged, the bytes before that place are yielded, and then a
 * DamagedError is thrown. Throws a SourceError at once when the program is not installed. Kills the program when the caller stops early.
 * `where` names the log in messages.
 */
export async function* unpackWith(program: Program, where: string, packed: number | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { name, words } = program;
  const shown = printable(where);
  if (findProgram(name) === undefined) {
    throw new SourceError(
      `${shown}: cannot be unpacked without the program "${name}", install it (package ${program.package} on Debian)`,
    );
  }
  const pipe = await Pipe.open().catch((thrown: unknown) => {
    throw new SourceError(`${shown}: cannot be unpacked now: ${messageOf(thrown)}`, { cause: thrown });
  });
  const child = startPartner([name, ...words], [typeof packed === 'number' ? packed : 'pipe', pipe.entry, 'pipe']);
  pipe.entry.destroy();
  const ended = endOf(child);
  const fed = typeof packed === 'number' ? undefined : feed(child, packed).then(nothing, (thrown: unknown) => ({ thrown }));
  let produced = 0;
  try {
    for await (const chunk of pipe.chunks()) {
      produced += chunk.length;
      yield chunk;
    }
    const unread = await fed;
    if (unread) throw unread.thrown;
    const { failure, complaint } = await ended;
    if (failure === undefined) return;
    const why = complaint === '' ? failure : `${failure}, "${printable(complaint, LONGEST_COMPLAINT)}"`;
    throw new DamagedError(`${shown}: is damaged or ends too early (${name}: ${why}), fetch the whole file; ${usedText(produced)}`);
  } finally {
    pipe.close();
    child.kill('SIGKILL');
  }
}

/** Resolves when the program has ended. `failure` is undefined if it succeeded. `complaint` is the first line of its standard error. */
async function endOf(child: ChildProcess): Promise<{ readonly failure: string | undefined; readonly complaint: string }> {
  let complaint = '';
  child.stderr?.setEncoding('latin1').on('data', (text: string) => {
    if (complaint.length < LONGEST_COMPLAINT) complaint += text;
  });
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  return { failure, complaint: complaint.trim().split('\n', 1)[0] ?? '' };
}

/** Writes packed bytes to the program with back-pressure. Stops when the program has ended, because its exit code shows the reason. */
async function feed({ stdin }: ChildProcess, packed: AsyncIterable<Buffer>): Promise<void> {
  if (!stdin) return;
  const gone = new AbortController();
  stdin.on('error', () => gone.abort()).on('close', () => gone.abort());
  try {
    for await (const piece of packed) {
      if (gone.signal.aborted) return;
      // The bytes are copied, because the memory of the piece is reused.
      if (!stdin.write(Buffer.from(piece))) await once(stdin, 'drain', { signal: gone.signal }).catch(nothing);
    }
  } finally {
    stdin.end();
  }
}

function nothing(): undefined {
  return undefined;
}
