// Counts the tests of a run of vitest. Returns the arguments that make vitest write a report, and reads that report.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Returns the arguments with which vitest shows its tests and also writes them to the file `report`. */
export function reporters(report) {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
}

/**
 * Counts the tests that passed, failed and were left out, and lists the files with tests that were left out, as paths relative to `folder`.
 * Returns undefined when the run did not complete.
 */
export function readReport(report, folder) {
  const result = read(report);
  if (!result) return undefined;
  // A file that cannot be loaded has no tests. It counts as one failure.
  const broken = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const waiting = result.testResults.filter((file) =>
    file.assertionResults.some((test) => test.status !== 'passed' && test.status !== 'failed'),
  );
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + broken,
    leftOut: result.numPendingTests + result.numTodoTests,
    leftOutOf: waiting.map((file) => relative(folder, file.name)).toSorted(),
  };
}

/** Formats the last line of a run, `N passed, N failed`. If the exit code `code` of the run is not 0, the line has at least one failure. */
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
