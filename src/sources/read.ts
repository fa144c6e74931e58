// The entry point for logs that are followed. archive.ts is the entry point for old logs.
import { closeSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { exec } from '../lib/children/exec.ts';
import { printable } from '../lib/text/printable.ts';
import type { Clock, Log, Millis } from '../words/ports.ts';
import type { Batch, Source } from '../words/walk.ts';
import { Envelope } from './envelope/envelope.ts';
import { FileSource } from './file/file.ts';
import { JournalSource, lineOf, parseEntry, Senders, type Exec } from './journal/journal.ts';
import { endOfLog, openRegularFile, unreadable } from './open.ts';
import { sourceName, type SourceOptions } from './options.ts';
import { isPattern, PatternScan } from './pattern/pattern.ts';

export { sourceName, writtenSource } from './options.ts';

/** The usual paths of the mail log: of Debian and its derivatives, then of Red Hat, SUSE and the BSDs. */
const USUAL = ['/var/log/mail.log', '/var/log/maillog'];

/** Makes a live source. It opens nothing before the first batch is requested from its `read`, so it cannot fail before. */
export function openSource(options: SourceOptions, ports: { readonly log: Log; readonly clock?: Clock }): Source {
  const { log, clock = Date.now } = ports;
  if (options.type === 'file') return new FileSource(options, { log, clock });
  return new JournalSource({ ...thisMachine(), ...options }, { log, clock });
}

/**
 * Finds the sources for `sources: auto`: the file that Postfix writes itself (maillog_file of postconf(5)), else a file at a usual path,
 * else the journal. `root` is a prefix of the usual paths, for tests. Never rejects.
 */
export async function detectSources(ports: {
  readonly log: Log;
  readonly exec?: Exec;
  readonly root?: string;
}): Promise<SourceOptions[]> {
  const { log, exec: run = exec, root = '/' } = ports;
  const own = await maillogFile(run);
  if (own?.startsWith('/dev/'))
    log.notice(`postconf: maillog_file is ${printable(own)}, which cannot be followed; a usual log file or the journal is used`);
  else if (own) return [{ type: 'file', path: own }];
  const usual = USUAL.map((path) => join(root, path)).find((path) => existsSync(path));
  return [usual === undefined ? { type: 'journal' } : { type: 'file', path: usual }];
}

/** True when a source of these options reads the file at `path`, at present. */
export async function reads(options: SourceOptions, path: string): Promise<boolean> {
  if (options.type === 'journal') return false;
  const paths = isPattern(options.path)
    ? ((await new PatternScan(options.path, undefined, 'end').scan())?.logs ?? [])
    : [options.path];
  return paths.some((one) => realPathOf(one) === realPathOf(path));
}

/** The result of a look at a source: a fault, or a note about a log for which the daemon will wait. Neither: the source can be read now. */
export interface Look {
  readonly fault?: string;
  readonly note?: string;
}

/** The maximum number of files of a pattern that `look` opens. */
const MOST_OPENED = 1000;

/** Checks that a source can be read: opens its files and closes them again, or runs journalctl with no entries to print. */
export async function look(options: SourceOptions, run: Exec = exec): Promise<Look> {
  if (options.type === 'journal') return lookAtJournal(options.command ?? ['journalctl'], run);
  if (!isPattern(options.path))
    return lookAtFile(options.path) ?? { note: `${printable(options.path)}: no such file, a daemon waits for it` };
  const logs = (await new PatternScan(options.path, undefined, 'end').scan())?.logs ?? [];
  if (logs.length === 0) return { note: `${printable(options.path)}: no file matches now, a daemon waits for one` };
  for (const path of logs.slice(0, MOST_OPENED)) {
    const { fault } = lookAtFile(path) ?? {};
    if (fault !== undefined) return { fault };
  }
  return {};
}

/** The bytes at the end of a log that `lastLines` reads, the most logs of a pattern, and the most entries of a journal. */
const END_BYTES = 2 ** 20;
const MOST_ENDS = 20;
const MOST_ENTRIES = 500;

/**
 * The last lines of a source: the last MiB of each log, of at most 20 logs of a pattern, or the last 500 entries of smtpd(8) in a journal. They are
 * empty for a source that cannot be read. `at`: the present time. Never rejects.
 */
export async function lastLines(options: SourceOptions, at: Millis, run: Exec = exec): Promise<readonly Batch[]> {
  const source = sourceName(options);
  const batchOf = (bytes: Buffer): Batch => ({ source, bytes, at, cursor: undefined });
  try {
    if (options.type === 'journal') return [batchOf(await lastEntries(options.command ?? ['journalctl'], run))];
    const logs = isPattern(options.path)
      ? ((await new PatternScan(options.path, undefined, 'end').scan())?.logs ?? [])
      : [options.path];
    return logs.slice(0, MOST_ENDS).map((path) => {
      const batch = batchOf(endOfLog(path, END_BYTES));
      const envelopes = new Envelope(options.envelope ?? 'none').of(batch);
      return envelopes ? { ...batch, envelopes } : batch;
    });
  } catch {
    return []; // The look at the source reports the reason.
  }
}

async function lastEntries(command: readonly string[], run: Exec): Promise<Buffer> {
  const words = ['--quiet', '--no-pager', '--output=json', `--lines=${MOST_ENTRIES}`, '_COMM=smtpd'];
  const { stdout } = await run([...command, ...words], { deadline: 10_000 });
  const senders = new Senders(undefined);
  const parsed = stdout.split('\n').map((line) => parseEntry(Buffer.from(line)));
  const entries = parsed.filter((entry) => entry !== undefined);
  const lines = entries.flatMap((entry) => (senders.trusts(entry) ? (lineOf(entry) ?? []) : []));
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
}

/** Undefined for a missing file. */
function lookAtFile(path: string): Look | undefined {
  try {
    const file = openRegularFile(path);
    if (file === undefined) return undefined;
    closeSync(file);
    return {};
  } catch (thrown) {
    return { fault: unreadable(path, thrown).message };
  }
}

async function lookAtJournal(command: readonly string[], run: Exec): Promise<Look> {
  try {
    const { code, stderr } = await run([...command, '--lines=0', '--quiet'], { deadline: 10_000 });
    if (code === 0) return {};
    return { fault: `journal: ${printable(stderr.trim().split('\n', 1)[0] ?? '')} (${command[0]}, exit code ${code})` };
  } catch (thrown) {
    return { fault: `journal: ${printable(messageOf(thrown))}` };
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // The file is missing, or may not be reached.
  }
}

/** The id of this machine as journald writes it into entries (machine-id(5)). */
function thisMachine(): { machine?: string } {
  try {
    const machine = readFileSync('/etc/machine-id', 'utf8').trim();
    return /^[0-9a-f]{32}$/.test(machine) ? { machine } : {};
  } catch {
    return {}; // This system has no journald. The start of journalctl reports that.
  }
}

async function maillogFile(run: Exec): Promise<string | undefined> {
  try {
    const { code, stdout } = await run(['postconf', '-h', 'maillog_file'], { deadline: 10_000 });
    return code === 0 && stdout.startsWith('/') ? stdout.trim() : undefined;
  } catch {
    return undefined; // postconf(1) is missing, or not in PATH.
  }
}
