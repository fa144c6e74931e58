// Installs the Debian packages of the programs that the tests run, without asking the user.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { must, say } from './setup.mjs';

/** Maps each program to its Debian package. */
const PACKAGES = {
  nft: 'nftables',
  iptables: 'iptables',
  ipset: 'ipset',
  ip: 'iproute2',
  postfix: 'postfix',
  sqlite3: 'sqlite3',
  curl: 'curl',
  zstd: 'zstd',
  xz: 'xz-utils',
  bzip2: 'bzip2',
  lz4: 'lz4',
  sysctl: 'procps',
  unshare: 'util-linux',
  // Installing tayga starts no service, because its init script is disabled (update-rc.d defaults-disabled).
  tayga: 'tayga',
  'systemd-analyze': 'systemd',
};

/** True when the program is in PATH. `setUp` has added the folders of programs for root to PATH. */
export function has(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** True when this is Debian and packages may be installed. */
export function canInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && has('apt-get');
}

/** Installs the packages of all missing programs and prints the names of the packages. `wanted` maps programs to packages. */
export function installMissing(wanted = PACKAGES) {
  const missing = Object.entries(wanted).flatMap(([program, name]) => (has(program) ? [] : [name]));
  if (missing.length === 0) return;
  say(`installing Debian packages: ${missing.join(' ')}`);
  if (missing.includes('postfix')) leavePostfixUnconfigured();
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 'inherit'] };
  const umask = process.umask(0o022); // Other users must be able to read the installed files.
  if (listsAreEmpty() || !spawnInstall(missing, quiet)) {
    must('apt-get', ['update', '-qq'], quiet);
    must('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...missing], quiet);
  }
  process.umask(umask);
}

/**
 * Makes apt install Postfix without a configuration, so that it does not listen on this machine. The tests start Postfix with a configuration of
 * their own.
 */
function leavePostfixUnconfigured() {
  spawnSync('debconf-set-selections', [], { input: 'postfix postfix/main_mailer_type select No configuration\n' });
}

function spawnInstall(names, options) {
  const result = spawnSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...names], {
    ...options,
    stdio: 'ignore',
  });
  return result.status === 0;
}

function listsAreEmpty() {
  const lists = '/var/lib/apt/lists';
  return !existsSync(lists) || !readdirSync(lists).some((name) => name.endsWith('_Packages') || name.endsWith('_Packages.lz4'));
}
