// Programs that read whole logs, to be compared with: those of the system, and those that are unpacked from Debian's packages.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpacked } from './debian.mjs';

/** The words of a line that is a hit, and nothing but them in the logs that are measured. */
export const WORDS = 'triggers spamtrap';

/** True when the program is in PATH. */
export function has(program) {
  return spawnSync('bash', ['-c', 'command -v "$1"', 'bash', program], { stdio: 'ignore' }).status === 0;
}

/** ripgrep's program; undefined when it cannot be had. */
export function ripgrep(say) {
  if (has('rg')) return 'rg';
  const root = unpacked('ripgrep', say);
  return root && join(root, 'usr', 'bin', 'rg');
}

/** The fastest way found to have fail2ban-regex read a log: it prints addresses only and does not read dates. { argv(log), env } */
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

/** sshguard's parser, a program that reads standard input. It knows other lines of Postfix than ours; it reads the same log. */
export function sshguardParser(say) {
  const root = unpacked('sshguard', say);
  const folders = root ? ['usr/libexec/sshguard', 'usr/lib/sshguard', 'usr/lib/x86_64-linux-gnu/sshguard'] : [];
  const folder = folders
    .map((name) => join(root, name))
    .find((path) => existsSync(path) && readdirSync(path).includes('sshg-parser'));
  return folder && join(folder, 'sshg-parser');
}
