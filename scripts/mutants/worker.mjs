// A worker process of `npm run mutants`. It keeps one vitest running and runs one test file for each request. vitest loads the mutated text of
// one module instead of its file; no file of the checkout is changed.
import { join } from 'node:path';
import { createVitest } from 'vitest/node';
import { outcomeOf } from './outcome.mjs';

const [root] = process.argv.slice(2);

/** The time limit of a test (milliseconds), long enough for a busy machine. A test that times out does not count as a test that fails. */
const PATIENCE = 60_000;

/** The mutated module of the present run, and whether the test has loaded it. */
let served;

const mutation = {
  name: 'mutation',
  enforce: 'pre',
  transform(_code, id) {
    if (served?.path !== id) return undefined;
    served.loaded = true;
    return { code: served.source, map: null };
  },
};

const vitest = await createVitest(
  'test',
  {
    root,
    config: false,
    watch: false,
    cache: false,
    env: { MAIL_CONFIG: join(root, 'test', 'fixtures', 'postfix') },
    silent: true,
    reporters: [{}],
    pool: 'forks',
    maxWorkers: 1,
    execArgv: ['--max-old-space-size=2048', ...process.execArgv],
    bail: 1,
    include: ['test/**/*.test.ts'],
  },
  {
    plugins: [mutation],
    // The path of the checkout may contain a symbolic link, see scripts/vitest.mjs.
    resolve: { preserveSymlinks: process.execArgv.includes('--preserve-symlinks') },
    clearScreen: false,
    logLevel: 'error',
  },
);

/** Runs one test file. With `mutant`, the tests load the mutated module. `patience`: the time limit of a test (milliseconds). */
async function run({ test, title, mutant, patience = PATIENCE }) {
  const project = vitest.getRootProject();
  Object.assign(project.config, { testTimeout: patience, hookTimeout: patience });
  if (mutant) served = { path: join(root, mutant.file), source: mutant.source, loaded: false };
  const path = served?.path;
  if (path) vitest.invalidateFile(path);
  // Forgets earlier runs. Otherwise their failures would count for `bail`, and vitest would stop at once.
  vitest.state.filesMap.clear();
  const options = title === undefined ? {} : { testNamePattern: new RegExp(escaped(title)) };
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([
    project.createSpecification(join(root, test), options),
  ]);
  const loaded = served?.loaded ?? true;
  served = undefined;
  if (path) vitest.invalidateFile(path);
  return { ...outcomeOf(testModules, unhandledErrors), loaded };
}

function escaped(text) {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function answer(reply) {
  process.send?.(reply);
}

process.on('message', (request) => {
  run(request).then(answer, (error) => answer({ outcome: 'broken', text: String(error?.message ?? error), loaded: true }));
});
process.on('disconnect', () => process.exit());
answer({ outcome: 'ready' });
