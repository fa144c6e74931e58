// npm test: installs packages and compiles when needed, then runs every test. `npm test -- FILTER...` passes its arguments to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { canInstall, installMissing } from './debian.mjs';
import { readReport, reporters, summary } from './report.mjs';
import { leaveToOwner, ROOT, say, setUp, stop } from './setup.mjs';
import { testedFolder, vitestArguments } from './vitest.mjs';

const onCi = !['', '0', 'false', undefined].includes(process.env.CI);
const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
if (onCi && !asRoot) stop('on CI no test may be left out: run as root on Linux', 77);

setUp();
if (canInstall()) installMissing();

const folder = mkdtempSync(join(tmpdir(), 'trapline-test-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const report = join(folder, 'report.json');
const tested = testedFolder(folder);
const argv = vitestArguments(tested, ['run', ...reporters(report), ...process.argv.slice(2)]);
// Tests run programs in the temporary folder as other users. If other users may not enter root's temporary folder, the tests use /tmp.
const env = { ...process.env, ...(asRoot && !isOpen(tmpdir()) ? { TMPDIR: '/tmp' } : {}) };
const run = spawnSync(process.execPath, argv, { cwd: ROOT, stdio: 'inherit', env });
leaveToOwner();

const result = readReport(report, tested);
if (!result) stop('the test run broke off', run.status || 1);
const { failed, leftOut, leftOutOf } = result;
if (leftOut > 0) {
  const why = 'tests that need root (real firewalls, network namespaces, other users)';
  say(`${asRoot ? '' : 'not root: '}left out ${leftOut} ${why}, of ${leftOutOf.join(', ')}`);
}
const code = run.status || (onCi && leftOut > 0 ? 1 : 0) || (failed > 0 ? 1 : 0);
process.exitCode = code;
process.stdout.write(summary(result, code));

/** True when every user may enter the folder and all folders above it. */
function isOpen(path) {
  return (statSync(path).mode & 0o001) !== 0 && (path === dirname(path) || isOpen(dirname(path)));
}
