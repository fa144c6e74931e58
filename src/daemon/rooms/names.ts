// Finds the names by which Postfix marks its lines in the log (option `syslog_name` of Postfix).
import { exec } from '../../lib/children/exec.ts';
import { printable } from '../../lib/text/printable.ts';
import { isSyslogName, POSTFIX_NAMES } from '../../lib/text/syslogname.ts';
import type { Log } from '../../words/ports.ts';

/**
 * The maximum number of additional instances of Postfix (postmulti(1)) whose names are read. Each instance needs two calls of postconf(1), which
 * take some milliseconds.
 */
const MOST_INSTANCES = 20;

/**
 * Names that are left out of the result, because `postfix*` includes them. It includes them even when a syslogd cuts the name at its slash
 * (smtpdStart in filters/linestart/linestart.ts).
 */
const USUAL = /^postfix(?:$|[/0-9_.-])/;

/**
 * Returns `postfix*`, which includes every name that Postfix uses by default, and all other values of `syslog_name` in main.cf and master.cf.
 * Reads the files of all instances of Postfix on this machine with postconf(1), options -x and -P. An invalid name is logged and left out.
 * Never rejects: without postconf(1), the result is only `postfix*`.
 */
export async function detectNames(ports: { readonly log: Log; readonly exec?: typeof exec }): Promise<readonly string[]> {
  const { log, exec: run = exec } = ports;
  const namesIn = (instance: readonly string[]): readonly Promise<readonly string[]>[] => [
    ask(run, [...instance, '-hx', 'syslog_name']),
    ask(run, [...instance, '-hxP', '*/*/syslog_name']),
  ];
  const first = namesIn([]);
  const folders = (await ask(run, ['-hx', 'multi_instance_directories'])).flatMap((line) => line.split(/[\s,]+/)).filter(isFolder);
  const others = folders.slice(0, MOST_INSTANCES).flatMap((folder) => namesIn(['-c', folder]));
  const found = new Set((await Promise.all([...first, ...others])).flat());
  for (const name of found) {
    if (isSyslogName(name)) continue;
    found.delete(name);
    log.warn(`postconf: syslog_name "${printable(name, 80)}" cannot be looked for, so its lines are no hits; set "syslog_names"`);
  }
  return [...POSTFIX_NAMES, ...[...found].filter((name) => !USUAL.test(name))];
}

const isFolder = (text: string): boolean => text.startsWith('/');

/** Returns the lines that postconf(1) prints, or no lines when it fails. */
async function ask(run: typeof exec, question: readonly string[]): Promise<readonly string[]> {
  try {
    const { code, stdout } = await run(['postconf', ...question], { deadline: 10_000 });
    return code === 0 ? stdout.split('\n').flatMap((line) => line.trim() || []) : [];
  } catch {
    return []; // postconf(1) is missing, or not in PATH.
  }
}
