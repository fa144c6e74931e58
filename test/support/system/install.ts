// Sets up one machine before the tests, exactly as the README describes, with the packed tarball. Each test file starts with a copy of its disk.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Machine, RUN } from './machine.ts';
import { readme } from './readme.ts';

const CHECKOUT = join(import.meta.dirname, '..', '..', '..');

/** Files of the checkout that a new clone does not have. */
const LEFT_BEHIND = new Set(['node_modules', 'dist', 'build', 'coverage', '.git']);

/** Packs the checkout, sets up a machine with the tarball, and shuts the machine down. Its disk is the folder `installed` of the run. */
export async function setup(): Promise<void> {
  const tarball = pack();
  const machine = new Machine(process.env['TRAPLINE_DEBIAN'] ?? '', join(RUN, 'half'));
  try {
    prepare(machine.disk);
    const [mainCf = '', spamtraps = ''] = readme('1. Set a trap');
    appendFileSync(join(machine.disk, 'etc/postfix/main.cf'), mainCf);
    writeFileSync(join(machine.disk, 'etc/postfix/spamtraps'), spamtraps);
    cpSync(tarball, join(machine.disk, 'root', basename(tarball)));
    const environment = fillCache(tarball, join(machine.disk, 'root/.npm'));
    await machine.start();
    const [packing, ...installing] = (readme('2. Install')[0] ?? '').split('\n');
    if (packing !== 'npm ci && npm pack') throw new Error(`README.md: the command for packing has changed: ${packing}`);
    // The files are installed with the umask 077, which shows that the user of the daemon can read them even then.
    const script = ['umask 077', ...installing].join('\n');
    await machine.must('env', '--chdir=/root', ...environment, 'bash', '--norc', '-e', '-c', script);
    await machine.stop();
    renameSync(machine.disk, join(RUN, 'installed'));
  } finally {
    await machine.remove();
  }
}

/** Runs `npm pack` in a copy of the checkout, because other tests may use the build in the checkout meanwhile. */
function pack(): string {
  const clone = join(RUN, 'clone');
  cpSync(realpathSync(CHECKOUT), clone, { recursive: true, filter: (path) => !LEFT_BEHIND.has(basename(path)) });
  symlinkSync(join(CHECKOUT, 'node_modules'), join(clone, 'node_modules'));
  npm(clone, 'pack', '--silent', '--pack-destination', RUN);
  const tarball = readdirSync(RUN).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack has made no tarball');
  rmSync(clone, { recursive: true });
  return join(RUN, tarball);
}

/** Sets up a mail server without Trapline. It has npm, a domain and a user, and logs only to the journal, as a Debian without rsyslog does. */
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

/** Fills the npm cache of the machine by an installation on this host, because the machine cannot reach the registry. Returns npm settings. */
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
