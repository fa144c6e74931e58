// The door of the room for logs that are followed; archive.ts is the one for old logs.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../lib/exec.ts';
import { printable } from '../lib/printable.ts';
import type { Clock, Log, Source } from '../types.ts';
import { FileSource, type FileOptions } from './file.ts';
import { JournalSource, type Exec, type JournalOptions } from './journal.ts';

export type { FileOptions } from './file.ts';
export type { JournalOptions } from './journal.ts';

/** One entry of the configuration's `sources`. */
export type SourceOptions = FileOptions | JournalOptions;

/** Where syslog daemons put the mail log: Debian and its kin, then Red Hat, SUSE, the BSDs. */
const USUAL = ['/var/log/mail.log', '/var/log/maillog'];

/** A live source. Nothing is opened, and nothing can fail, before its `read` is asked for the first batch. */
export function openSource(options: SourceOptions, ports: { readonly log: Log; readonly clock?: Clock }): Source {
  const { log, clock = Date.now } = ports;
  if (options.type === 'file') return new FileSource(options, { log, clock });
  return new JournalSource({ ...thisMachine(), ...options }, { log, clock });
}

/**
 * The sources of `sources: auto`: the file that Postfix writes itself (maillog_file of postconf(5)), else the usual one, else the journal.
 * `root` stands before the usual paths, for tests. Never rejects.
 */
export async function detectSources(ports: {
  readonly log: Log;
  readonly exec?: Exec;
  readonly root?: string;
}): Promise<SourceOptions[]> {
  const { log, exec: run = exec, root = '/' } = ports;
  const own = await maillogFile(run);
  if (own?.startsWith('/dev/'))
    log.notice(`postconf: maillog_file is ${printable(own)}, which cannot be followed; looks elsewhere`);
  else if (own) return [{ type: 'file', path: own }];
  const usual = USUAL.map((path) => join(root, path)).find((path) => existsSync(path));
  return [usual === undefined ? { type: 'journal' } : { type: 'file', path: usual }];
}

/** The id of this machine as journald writes it into entries (machine-id(5)). */
function thisMachine(): { machine?: string } {
  try {
    const machine = readFileSync('/etc/machine-id', 'utf8').trim();
    return /^[0-9a-f]{32}$/.test(machine) ? { machine } : {};
  } catch {
    return {}; // A system without journald: that is reported when journalctl is started.
  }
}

async function maillogFile(run: Exec): Promise<string | undefined> {
  try {
    const { code, stdout } = await run(['postconf', '-h', 'maillog_file'], { deadline: 10_000 });
    return code === 0 && stdout.startsWith('/') ? stdout.trim() : undefined;
  } catch {
    return undefined; // No Postfix, or one that is not to be found in PATH.
  }
}
