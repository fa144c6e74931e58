// The programs that a backfill of a whole log is compared with. They are installed on this machine, or unpacked from Debian's packages.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpacked } from './debian.mjs';

/** The text that marks a hit: in the measured logs every hit contains it, and no other line does. */
export const WORDS = 'triggers spamtrap';

/** True when the program is in PATH. */
export function has(program) {
  return spawnSync('bash', ['-c', 'command -v "$1"', 'bash', program], { stdio: 'ignore' }).status === 0;
}

/** Returns the path of ripgrep, or undefined when it is not available. */
export function ripgrep(say) {
  if (has('rg')) return 'rg';
  const root = unpacked('ripgrep', say);
  return root && join(root, 'usr', 'bin', 'rg');
}

/**
 * Returns { argv(log), env } for fail2ban-regex, or undefined when it is missing. The options are the fastest that are known: fail2ban-regex prints
 * only addresses and reads no dates.
 */
export function fail2banRegex(folder, say) {
  const root = unpacked('fail2ban', say);
  if (!root || !has('python3')) return undefined;
  const filter = join(folder, 'fail2ban-filter.conf');
  const regex = '^\\S+ +\\d+ \\S+ \\S+ postfix/smtpd\\[\\d+\\]: NOQUEUE: discard: RCPT from \\S+\\[<ADDR>\\]: .* triggers spamtrap';
  writeFileSync(filter, `[Definition]\nfailregex = ${regex}\nignoreregex =\ndatepattern = {NONE}\n`);
  return {
    argv: (log) => ['python3', join(root, 'usr', 'bin', 'fail2ban-regex'), '-o', 'ip', log, filter],
    env: { PYTHONPATH: join(root, 'usr', 'lib', 'python3', 'dist-packages'), PYTHONDONTWRITEBYTECODE: '1' },
  };
}

/**
 * Returns the path of sshguard's parser, which reads a log from standard input. It looks for attacks on many services instead of mails to traps, but
 * it has to examine every line of the log, as Trapline does.
 */
export function sshguardParser(say) {
  const root = unpacked('sshguard', say);
  const folders = root ? ['usr/libexec/sshguard', 'usr/lib/sshguard', 'usr/lib/x86_64-linux-gnu/sshguard'] : [];
  const folder = folders
    .map((name) => join(root, name))
    .find((path) => existsSync(path) && readdirSync(path).includes('sshg-parser'));
  return folder && join(folder, 'sshg-parser');
}
