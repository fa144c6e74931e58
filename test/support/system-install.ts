// Before the tests: one machine is set up word by word as the README says, from the packed tarball. Each test file starts on a copy of its disk.
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Machine, RUN } from './system-machine.ts';
import { readme } from './system-readme.ts';

const CHECKOUT = join(import.meta.dirname, '..', '..');

/** Not in a fresh clone. */
const LEFT_BEHIND = new Set(['node_modules', 'dist', 'build', 'coverage', '.git']);

/** Packs the checkout, sets up a machine with it and shuts that down; its disk is `installed` in the folder of the run. */
export async function setup(): Promise<void> {
  const tarball = pack();
  const machine = new Machine(process.env['TRAPLINE_DEBIAN'] ?? '', join(RUN, 'half'));
  try {
    prepare(machine.disk);
    const [mainCf = '', spamtraps = ''] = readme('1. Postfix');
    appendFileSync(join(machine.disk, 'etc/postfix/main.cf'), mainCf);
    writeFileSync(join(machine.disk, 'etc/postfix/spamtraps'), spamtraps);
    cpSync(tarball, join(machine.disk, 'root', basename(tarball)));
    const environment = fillCache(tarball, join(machine.disk, 'root/.npm'));
    await machine.start();
    const [packing, ...installing] = (readme('2. Install')[0] ?? '').split('\n');
    if (packing !== 'npm ci && npm pack') throw new Error(`README.md: not how it is packed here: ${packing}`);
    await machine.must('env', '--chdir=/root', ...environment, 'bash', '--norc', '-e', '-c', installing.join('\n'));
    await machine.stop();
    renameSync(machine.disk, join(RUN, 'installed'));
  } finally {
    await machine.remove();
  }
}

/** `npm pack` in a copy of the checkout, so that the program that others run is not built anew under their feet. */
function pack(): string {
  const clone = join(RUN, 'clone');
  cpSync(CHECKOUT, clone, { recursive: true, filter: (path) => !LEFT_BEHIND.has(basename(path)) });
  symlinkSync(join(CHECKOUT, 'node_modules'), join(clone, 'node_modules'));
  npm(clone, 'pack', '--silent', '--pack-destination', RUN);
  const tarball = readdirSync(RUN).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack has left no tarball');
  rmSync(clone, { recursive: true });
  return join(RUN, tarball);
}

/** What a mail server has before Trapline comes: npm, a domain, a user, logs in the journal (as on a Debian without rsyslog). */
function prepare(disk: string): void {
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(disk, 'usr/bin/npm'));
  rmSync(join(disk, 'etc/resolv.conf'), { force: true });
  writeFileSync(join(disk, 'etc/hostname'), 'mx.example.com\n');
  const mainCf = join(disk, 'etc/postfix/main.cf');
  const given = readFileSync(mainCf, 'utf8').replace(/^(?:myhostname|mydestination) *=.*\n/gm, '');
  writeFileSync(mainCf, `${given}myhostname = mx.example.com\nmydestination = example.com, localhost\n`);
  execFileSync('useradd', ['--root', disk, '--create-home', 'user']);
  execFileSync('systemctl', [`--root=${disk}`, '--quiet', 'disable', 'rsyslog.service']);
}

/** The machine has no way to the registry: it finds the packages in a cache that a trial installation outside has filled. */
function fillCache(tarball: string, cache: string): string[] {
  const prefix = join(RUN, 'trial');
  const kept = join(dirname(RUN), 'npm');
  npm(RUN, 'install', '--global', '--prefix', prefix, '--cache', kept, '--prefer-offline', '--loglevel=error', tarball);
  rmSync(prefix, { recursive: true });
  cpSync(kept, cache, { recursive: true });
  return [`npm_config_registry=${npm(RUN, 'config', 'get', 'registry').trim()}`, 'npm_config_offline=true'];
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
