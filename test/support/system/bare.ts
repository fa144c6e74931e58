// A mail server of Debian without Trapline.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The disk of a Debian with systemd and Postfix. */
export const DEBIAN = process.env['TRAPLINE_DEBIAN'] ?? '';

/** Packages of the Debian folder that the README does not name. Other tests need them. */
const UNNAMED = ['sqlite3', 'ipset', 'iptables', 'ufw', 'firewalld', 'rsyslog', 'logrotate'];

/** Turns a copy of the Debian folder into a mail server with npm, a domain and a user. It logs only to the journal, as a Debian without rsyslog does. */
export function makeMailServer(disk: string): void {
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(disk, 'usr/bin/npm'));
  rmSync(join(disk, 'etc/resolv.conf'), { force: true });
  writeFileSync(join(disk, 'etc/hostname'), 'mx.example.com\n');
  const mainCf = join(disk, 'etc/postfix/main.cf');
  const given = readFileSync(mainCf, 'utf8').replace(/^(?:myhostname|mydestination) *=.*\n/gm, '');
  writeFileSync(mainCf, `${given}myhostname = mx.example.com\nmydestination = example.com, localhost\n`);
  execFileSync('useradd', ['--root', disk, '--create-home', 'user']);
  execFileSync('systemctl', [`--root=${disk}`, '--quiet', 'disable', 'rsyslog.service']);
}

/** Removes the packages that the README does not name, so that no command of the README can depend on them. */
export function removeUnnamedPackages(disk: string): void {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  execFileSync('chroot', [disk, 'dpkg', '--purge', ...UNNAMED], { env, stdio: ['ignore', 'ignore', 'pipe'] });
}
