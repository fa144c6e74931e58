// Determines the outcome of one run of a test file.

/**
 * - `passed`: at least one test ran, and all tests that ran passed;
 * - `failed`: a test or hook failed with an error that is no time-out, or an error was thrown outside of all tests;
 * - `timed out`: all failures are time-outs;
 * - `empty`: no test ran;
 * - `broken`: the file could not be loaded, or its process ended.
 *
 * `text` names the first failed test and the first line of its error.
 */
export function outcomeOf(testModules, unhandledErrors) {
  const failures = testModules.flatMap((testModule) => failuresIn(testModule));
  const first = failures.find(({ error }) => !isTimeout(error));
  if (first) return { outcome: 'failed', text: textOf(first) };
  const [late] = failures;
  if (late) return { outcome: 'timed out', text: textOf(late) };
  const [broken] = testModules.flatMap((testModule) => testModule.errors());
  if (broken) return { outcome: 'broken', text: firstLine(broken) };
  const [crash] = unhandledErrors;
  if (crash) return { outcome: isCrash(crash) ? 'broken' : 'failed', text: firstLine(crash) };
  const ran = testModules.some((testModule) => [...testModule.children.allTests('passed')].length > 0);
  return { outcome: ran ? 'passed' : 'empty', text: '' };
}

/** Returns the errors of all tests, and of the hooks of suites. For a file that could be loaded, also returns the errors of its hooks. */
function failuresIn(testModule) {
  const { children } = testModule;
  const inTests = [...children.allTests('failed')].flatMap((test) => titled(test.fullName, test.result().errors ?? []));
  const inSuites = [...children.allSuites()].flatMap((suite) => titled(suite.fullName, suite.errors()));
  const inFile = children.size > 0 ? titled('hook of the file', testModule.errors()) : [];
  return [...inTests, ...inSuites, ...inFile];
}

const titled = (title, errors) => errors.map((error) => ({ title, error }));

const isTimeout = (error) => /^(?:Test|Hook) timed out in \d+ms/.test(error.message ?? '');

const isCrash = (error) => /Worker (?:exited|terminated)|\[vitest-pool\]/.test(error.message ?? '');

const firstLine = (error) => String(error.message ?? error).split('\n')[0];

const textOf = ({ title, error }) => `"${title}": ${firstLine(error)}`;
