// npm test: sets up what is missing, then runs every test. `npm test -- FILTER...` hands its arguments on to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canInstall, installMissing } from './debian.mjs';
import { readReport, reporters, summary } from './report.mjs';
import { ROOT, say, setUp, stop } from './setup.mjs';

const onCi = !['', '0', 'false', undefined].includes(process.env.CI);
const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
if (onCi && !asRoot) stop('on CI nothing may be left out: run as root on Linux', 77);

setUp();
if (canInstall()) installMissing();

const folder = mkdtempSync(join(tmpdir(), 'trapline-test-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const report = join(folder, 'report.json');
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const argv = [vitest, 'run', ...reporters(report), ...process.argv.slice(2)];
const run = spawnSync(process.execPath, argv, { cwd: ROOT, stdio: 'inherit' });

const result = readReport(report);
if (!result) stop('the tests did not come to an end', run.status || 1);
const { failed, leftOut, leftOutOf } = result;
if (leftOut > 0) {
  const why = 'tests that need root (real firewalls, network namespaces, other users)';
  say(`${asRoot ? '' : 'not root: '}left out ${leftOut} ${why}, of ${leftOutOf.join(', ')}`);
}
const code = run.status || (onCi && leftOut > 0 ? 1 : 0) || (failed > 0 ? 1 : 0);
process.exitCode = code;
process.stdout.write(summary(result, code));
