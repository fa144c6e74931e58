// npm test: sets up what is missing, then runs every test. `npm test -- FILTER...` hands its arguments on to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canInstall, installMissing } from './debian.mjs';
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
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const run = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' });

const result = read(report);
if (!result) stop('the tests did not come to an end', run.status || 1);
const leftOut = result.numPendingTests + result.numTodoTests;
if (leftOut > 0) {
  const files = result.testResults.filter((file) =>
    file.assertionResults.some((test) => test.status !== 'passed' && test.status !== 'failed'),
  );
  const names = files.map((file) => file.name.slice(ROOT.length + 1)).toSorted();
  say(
    `${asRoot ? '' : 'not root: '}left out ${leftOut} tests that need root (real firewalls, network namespaces, other users), of ${names.join(', ')}`,
  );
}
// A file that cannot be loaded has no tests that could fail.
const broken = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
const failed = result.numFailedTests + broken;
const code = run.status || (onCi && leftOut > 0 ? 1 : 0) || (failed > 0 ? 1 : 0);
process.exitCode = code;
process.stdout.write(`${result.numPassedTests} passed, ${failed + (code !== 0 && failed === 0 ? 1 : 0)} failed\n`);

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
