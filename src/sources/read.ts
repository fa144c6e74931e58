// The entry point for logs that are followed. archive.ts is the entry point for old logs.
import { closeSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { exec } from '../lib/children/exec.ts';
import { printable } from '../lib/text/printable.ts';
import type { Clock, Log } from '../words/ports.ts';
import type { Source } from '../words/walk.ts';
import { FileSource } from './file/file.ts';
import { JournalSource, type Exec } from './journal/journal.ts';
import { openRegularFile, unreadable } from './open.ts';
import type { SourceOptions } from './options.ts';
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

/** What a look at a source found: a fault, or a note about what the daemon will wait for. Neither: the source can be read now. */
export interface Look {
  readonly fault?: string;
  readonly note?: string;
}

/** The most files of a pattern that are opened for a look. */
const MOST_OPENED = 1000;

/** Opens the files of a source for reading, or asks journalctl for nothing, and closes them again. */
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
