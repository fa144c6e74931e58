// Runs of vitest: what they are started with so that they can be counted, and the count.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { ROOT } from './setup.mjs';

/** The arguments with which vitest shows its tests and writes them to the file `report` as well. */
export function reporters(report) {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
}

/** How many tests passed, failed and were left out, and in which files those are. Undefined when the run did not come to an end. */
export function readReport(report) {
  const result = read(report);
  if (!result) return undefined;
  // A file that cannot be loaded has no tests that could fail.
  const broken = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const waiting = result.testResults.filter((file) =>
    file.assertionResults.some((test) => test.status !== 'passed' && test.status !== 'failed'),
  );
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + broken,
    leftOut: result.numPendingTests + result.numTodoTests,
    leftOutOf: waiting.map((file) => relative(ROOT, file.name)).toSorted(),
  };
}

/** The last line of a run, `N passed, N failed`: a run that ended with a fault (`code`) has at least one failed. */
export function summary({ passed, failed }, code) {
  return `${passed} passed, ${failed === 0 && code !== 0 ? 1 : failed} failed\n`;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
