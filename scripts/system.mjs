// npm run test:system: makes a complete Debian in a folder, boots it, installs the npm package of Trapline in it, and tests Trapline from outside.
// `-- FILTER...` is passed to vitest. Installs missing Debian packages, and cleans up after this run and after earlier runs that were killed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canInstall, installMissing } from './debian.mjs';
import { CACHE, debianFolder } from './debian-folder.mjs';
import { readReport, reporters, summary } from './report.mjs';
import { ROOT, say, setUp, stop } from './setup.mjs';
import { sweep, sweepAbandoned } from './system-sweep.mjs';
import { testedFolder, vitestArguments } from './vitest.mjs';

if (process.platform !== 'linux' || process.getuid?.() !== 0 || !canInstall()) {
  stop('test:system boots a Debian in a folder: run it as root on Debian', 77);
}
setUp();
process.umask(0o022); // Users of the Debian must be able to read its files.
installMissing({ ip: 'iproute2', nsenter: 'util-linux', debootstrap: 'debootstrap', 'systemd-nspawn': 'systemd-container' });
mkdirSync(CACHE, { recursive: true, mode: 0o700 });
const folder = join(CACHE, `run-${process.pid}`);
await theOnlyRun();
let tests;
process.on('exit', () => sweep(folder));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => end(signal));
mkdirSync(folder, { mode: 0o700 });

const { npm_execpath = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim() } = process.env;
const env = { ...process.env, TRAPLINE_SYSTEM: folder, TRAPLINE_DEBIAN: debianFolder(folder), TRAPLINE_NPM: npm_execpath };
const report = join(folder, 'report.json');
const options = ['run', '--config', 'vitest.system.config.ts', ...reporters(report), ...process.argv.slice(2)];
const tested = testedFolder(folder);
const argv = vitestArguments(tested, options);
// Vitest runs in a process group of its own, so that it can be killed with all its workers.
tests = spawn(process.execPath, argv, { cwd: ROOT, stdio: 'inherit', env, detached: true });
const [code, killed] = await once(tests, 'exit');
const result = readReport(report, tested);
if (!result) stop(`the test run broke off (${killed ?? `code ${code}`})`, code || 1);
process.stdout.write(summary(result, code));
process.exit(code);

function end(signal) {
  say(`stopped by ${signal}`);
  if (tests?.pid) process.kill(-tests.pid, 'SIGKILL');
  process.exit(130);
}

/** Cleans up after runs that were killed, and waits until no other run is at work. Otherwise two runs would use the same cgroups. */
async function theOnlyRun() {
  for (let said = false; sweepAbandoned(CACHE) > 0; await sleep(1000)) {
    if (!said) say('another run is at work, waiting for its end');
    said = true;
  }
}
