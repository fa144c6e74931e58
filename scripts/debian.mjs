// Debian packages that the tests drive for real: which programs need them, and how they get here without a question.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { must, say } from './setup.mjs';

/** Program -> the Debian package that has it. */
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
  'systemd-analyze': 'systemd',
};

/** Where programs for root stand, also when PATH leaves these out. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** True when the program is installed. */
export function has(program) {
  return FOLDERS.some((folder) => {
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

/** Installs the packages of all programs that are missing (by default those that `npm test` drives); says which. */
export function installMissing(wanted = PACKAGES) {
  const missing = Object.entries(wanted).flatMap(([program, name]) => (has(program) ? [] : [name]));
  if (missing.length === 0) return;
  say(`installing Debian packages: ${missing.join(' ')}`);
  if (missing.includes('postfix')) leavePostfixUnconfigured();
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 'inherit'] };
  if (listsAreEmpty() || !spawnInstall(missing, quiet)) {
    must('apt-get', ['update', '-qq'], quiet);
    must('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...missing], quiet);
  }
}

/** Keeps a Postfix that is installed for the tests from listening on this machine: they start one of their own with its own configuration. */
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
