// Makes a small Debian in a folder with debootstrap(8), from the mirror that apt uses on this machine. Keeps the folder for the next run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, say, stop } from './setup.mjs';

/**
 * The folder of the Debian folders and of their copies. Only root may enter it. Otherwise a user of this machine could change files that belong to
 * the Debian user with the same id.
 */
export const CACHE = join(process.env.XDG_CACHE_HOME || '/var/cache', 'trapline-system');

/** The packages of a Debian mail server, other firewalls, and the packages with which the tests examine it. */
const PACKAGES =
  'systemd systemd-sysv dbus libpam-systemd rsyslog logrotate postfix nftables iptables ipset ufw firewalld iproute2 procps sqlite3'.split(
    ' ',
  );

/** Timers that would use the network in the middle of a test. */
const MASKED = ['apt-daily.timer', 'apt-daily-upgrade.timer', 'systemd-networkd-wait-online.service'];

/** Services that a test starts. */
const DISABLED = ['firewalld.service'];

/** Returns the Debian folder that is copied for each test machine. If there is no folder with these packages, makes one in `scratch` first. */
export function debianFolder(scratch) {
  const { suite, mirror } = source();
  const recipe = JSON.stringify([suite, process.arch, PACKAGES, MASKED, DISABLED]);
  const name = `debian-${suite}-${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`;
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  say(`making a small Debian (${suite}) in ${folder}, for this run and later runs`);
  const root = join(scratch, 'debian');
  bootstrap(['--variant=minbase', `--include=${PACKAGES.join(',')}`, suite, root, mirror]);
  must('systemctl', [`--root=${root}`, '--quiet', 'mask', ...MASKED]);
  must('systemctl', [`--root=${root}`, '--quiet', 'disable', ...DISABLED]);
  writeFileSync(join(root, 'etc', 'machine-id'), ''); // The file is empty, so that each machine gets an id of its own at its start.
  for (const old of readdirSync(CACHE).filter((other) => other.startsWith('debian-')))
    rmSync(join(CACHE, old), { recursive: true });
  renameSync(root, folder);
  return folder;
}

/**
 * Returns the mirror and suite of this machine's apt. With another suite, the folder would have another C library, with which this machine's Node
 * could not run.
 */
function source() {
  const suite = /^VERSION_CODENAME="?([a-z]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const format = ['--format', '$(RELEASE) $(COMPONENT) $(SITE)', 'Created-By: Packages'];
  const { stdout } = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' });
  const mirror = (stdout ?? '')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([release, component]) => release === suite && component === 'main')?.[2];
  if (!suite || !mirror) stop('the sources of apt name no mirror for this Debian ("apt-get indextargets")', 69);
  return { suite, mirror };
}

/** Runs debootstrap in a mount namespace of its own, so that no mount stays in the folder when debootstrap ends or is killed. */
function bootstrap(args) {
  const proxy = spawnSync('apt-config', ['shell', 'proxy', 'Acquire::http::Proxy'], { encoding: 'utf8' });
  const [, http_proxy] = /^proxy='([^']+)'/m.exec(proxy.stdout ?? '') ?? [];
  const env = { ...process.env, ...(http_proxy ? { http_proxy } : {}) };
  const argv = ['--mount', '--propagation=private', 'debootstrap', ...args];
  const made = spawnSync('unshare', argv, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 });
  if (made.status === 0) return;
  const said = `${made.stdout ?? ''}${made.stderr ?? ''}`.trim().split('\n').slice(-15);
  stop(`debootstrap failed: ${made.error?.message ?? said.join('\n')}`, 69);
}
