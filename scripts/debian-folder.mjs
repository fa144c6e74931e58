// A small Debian in a folder, made by debootstrap(8) from the mirror that this machine's own apt uses, and kept for the next run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, say, stop } from './setup.mjs';

/** Where folders are kept, and where machines run on copies of them. Only root comes in: the files of the Debian belong to its users. */
export const CACHE = join(process.env.XDG_CACHE_HOME || '/var/cache', 'trapline-system');

/** What a mail server of Debian has, and what the tests look at it with. */
const PACKAGES =
  'systemd systemd-sysv dbus libpam-systemd rsyslog logrotate postfix nftables iptables ipset iproute2 procps sqlite3'.split(' ');

/** Timers that would ask the network for something in the middle of a test. */
const MASKED = ['apt-daily.timer', 'apt-daily-upgrade.timer', 'systemd-networkd-wait-online.service'];

/** The folder; made, with `scratch` as the place to work in, when there is none of this recipe. Machines start from copies of it. */
export function debianFolder(scratch) {
  const { suite, mirror } = source();
  const recipe = JSON.stringify([suite, process.arch, PACKAGES, MASKED]);
  const name = `debian-${suite}-${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`;
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  say(`making a small Debian (${suite}) in ${folder}, once`);
  const root = join(scratch, 'debian');
  bootstrap(['--variant=minbase', `--include=${PACKAGES.join(',')}`, suite, root, mirror]);
  must('systemctl', [`--root=${root}`, '--quiet', 'mask', ...MASKED]);
  writeFileSync(join(root, 'etc', 'machine-id'), ''); // Each machine that starts from it gets its own.
  for (const old of readdirSync(CACHE).filter((other) => other.startsWith('debian-')))
    rmSync(join(CACHE, old), { recursive: true });
  renameSync(root, folder);
  return folder;
}

/** The suite of this machine, whose C library the Node that is lent to the folder needs, and where apt gets it from. */
function source() {
  const suite = /^VERSION_CODENAME="?([a-z]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const format = ['--format', '$(RELEASE) $(COMPONENT) $(SITE)', 'Created-By: Packages'];
  const { stdout } = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' });
  const mirror = (stdout ?? '')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([release, component]) => release === suite && component === 'main')?.[2];
  if (!suite || !mirror) stop('the sources of apt do not say where this Debian comes from ("apt-get indextargets")', 69);
  return { suite, mirror };
}

/** What it mounts in the folder goes with its mount namespace, also when it is killed. */
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
