// Unpacks with the system's own program: no package for Node reads zstd, xz or bzip2 as fast (docs/decisions/0010-scan.md).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { SourceError } from '../../errors.ts';
import { findProgram } from '../../lib/exec.ts';
import { printable } from '../../lib/printable.ts';
import { Pipe } from './pipe.ts';

/** A program that unpacks from standard input to standard output. */
export interface Program {
  readonly name: string;
  readonly words: readonly string[];
  /** What Debian calls the package that it is in. */
  readonly package: string;
}

/** What is packed: an open file, read from where it stands, or chunks of bytes. */
export type Packed = number | AsyncIterable<Buffer>;

/** Characters that are kept of what a program complains about. */
const LONGEST_COMPLAINT = 200;

/**
 * Yields what is inside, in chunks that are valid until the next one is asked for. What comes before a cut or a damaged place is yielded;
 * then a SourceError says that there is one, or that there is no such program. Ending early kills the program.
 */
export async function* unpackWith(program: Program, where: string, packed: Packed): AsyncGenerator<Buffer> {
  const file = findProgram(program.name);
  const shown = printable(where);
  if (file === undefined) {
    throw new SourceError(`${shown}: no program "${program.name}" to unpack it, install it (package ${program.package} on Debian)`);
  }
  const pipe = await Pipe.open();
  const child = spawn(file, program.words, {
    stdio: [typeof packed === 'number' ? packed : 'pipe', pipe.entry, 'pipe'],
    env: { LC_ALL: 'C' },
  });
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
    throw new SourceError(
      `${shown}: is damaged or ends too early (${program.name}: ${why}), fetch the whole file; the ${produced} bytes before were used`,
    );
  } finally {
    pipe.close();
    child.kill('SIGKILL');
  }
}

/** Resolves when the program has ended: how, if not well, and the first line of its complaint. */
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

/** Writes what is packed to the program, no faster than it reads. A program that has ended before says so with its exit code. */
async function feed({ stdin }: ChildProcess, packed: AsyncIterable<Buffer>): Promise<void> {
  if (!stdin) return;
  const gone = new AbortController();
  stdin.on('error', () => gone.abort()).on('close', () => gone.abort());
  try {
    for await (const piece of packed) {
      if (gone.signal.aborted) return;
      // A copy: the memory of the piece is used again.
      if (!stdin.write(Buffer.from(piece))) await once(stdin, 'drain', { signal: gone.signal }).catch(nothing);
    }
  } finally {
    stdin.end();
  }
}

function nothing(): undefined {
  return undefined;
}
