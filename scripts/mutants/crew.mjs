// Tries mutants in worker processes. Each worker takes a group of mutants of one test file, then the next group, until no group is left.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../setup.mjs';
import { nodeOptions, testedFolder } from '../vitest.mjs';

/** A worker that does not answer within this time (milliseconds) is probably in an endless loop. It is killed. */
const LONGEST_RUN = 180_000;

/** The time limit of a test whose mutant is expected to hang is at least this long (milliseconds). */
const HANG = 5_000;

/** For a slow test whose mutant is expected to hang, the time limit is this factor times the time that the test takes without the mutation. */
const TIMES_UNMUTATED = 5;

/** The time that a worker may take to start a test file and to answer, in addition to the time limit of the test (milliseconds). */
const OVERHEAD = 15_000;

/** A message quotes at most this number of characters, from the end of a worker's standard error. */
const LONGEST_COMPLAINT = 1000;

/**
 * Tries the mutants in at most `jobs` processes. Calls `done(mutant, fault)` after each mutant. `fault` is a sentence, or undefined when the mutant
 * died, which means that its test failed. Resolves to a map from each test file to the milliseconds of all its runs.
 */
export async function tryMutants(root, mutants, jobs, done) {
  const groups = new Map();
  for (const mutant of mutants) groups.set(mutant.test, [...(groups.get(mutant.test) ?? []), mutant]);
  // The largest group comes first, so that at the end no worker runs it while all other workers are idle.
  const waiting = [...groups.values()].toSorted((one, two) => two.length - one.length);
  const times = new Map();
  const scratch = mkdtempSync(join(tmpdir(), 'trapline-mutants-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const checkout = testedFolder(scratch);
  const work = async () => {
    const worker = new Worker(checkout, root === ROOT ? checkout : root);
    try {
      for (let group = waiting.shift(); group; group = waiting.shift()) {
        const begun = performance.now();
        await tryGroup(worker, group, done);
        times.set(group[0].test, performance.now() - begun);
      }
    } finally {
      worker.stop();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, () => work()));
  return times;
}

async function tryGroup(worker, group, done) {
  const unmutated = new Map();
  for (const mutant of group) {
    const { test, title, hangs } = mutant;
    if (!unmutated.has(title)) {
      const begun = performance.now();
      const reply = await worker.run({ test, title });
      unmutated.set(title, { ...reply, millis: performance.now() - begun });
    }
    const before = unmutated.get(title);
    const patience = hangs ? Math.max(HANG, TIMES_UNMUTATED * before.millis) : undefined;
    done(mutant, faultWithout(before, mutant) ?? faultWith(await worker.run({ test, title, mutant, patience }), mutant));
  }
}

/** Returns the fault of a test that ran without the mutation; undefined when the test passed. */
function faultWithout({ outcome, text }, { test, title }) {
  if (outcome === 'passed') return undefined;
  if (outcome !== 'empty') return `${test} fails without the mutation: ${text}`;
  return title === undefined ? `${test} runs no test on this machine` : `${test} runs no test called "${title}"`;
}

/** Returns the fault of a test that ran with the mutation; undefined when the mutant died. */
function faultWith({ outcome, text, loaded }, { test, file, hangs }) {
  if (!loaded) return `the test never loads ${file}: ${test} must import it in its own process, not start the built program`;
  if (outcome === 'failed') return undefined;
  if (outcome === 'passed' || outcome === 'empty') return `survived ${test}`;
  if (outcome === 'broken') return `${test} cannot be run with the mutation: ${text}`;
  return hangs ? undefined : `${test} only timed out: ${text}; write "hangs: true" if the mutation makes the program hang`;
}

/** One worker process. It starts at the first request, and again after it was killed. */
class Worker {
  #checkout;
  #root;
  #child;
  #complaint = '';

  /** `checkout`: the folder of the worker's program and of vitest. `root`: the checkout whose tests the worker runs. */
  constructor(checkout, root) {
    this.#checkout = checkout;
    this.#root = root;
  }

  async run(request) {
    if (!this.#child) {
      // The worker has a process group of its own, so that vitest's processes are killed together with the worker.
      const child = fork(join(this.#checkout, 'scripts', 'mutants', 'worker.mjs'), [this.#root], {
        detached: true,
        execArgv: nodeOptions(this.#checkout),
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      this.#child = child;
      this.#complaint = '';
      // Standard error is shown only when the worker ends by itself. The output of tests and their programs is not shown.
      child.stderr.setEncoding('utf8').on('data', (text) => (this.#complaint = (this.#complaint + text).slice(-LONGEST_COMPLAINT)));
      living.add(child);
      const begun = await this.#answer(LONGEST_RUN);
      if (begun.outcome !== 'ready') return begun;
    }
    this.#child.send(request);
    return this.#answer(request.patience === undefined ? LONGEST_RUN : request.patience + OVERHEAD);
  }

  stop() {
    if (this.#child) kill(this.#child);
    this.#child = undefined;
  }

  /** Resolves to the next message of the worker. Kills the worker when it sends no message in time. */
  #answer(limit) {
    const child = this.#child;
    return new Promise((resolve) => {
      const settle = (reply) => {
        clearTimeout(timer);
        child.off('message', settle);
        child.off('exit', ended);
        resolve(reply);
      };
      const ended = () => {
        this.stop();
        const words = this.#complaint.trim().replaceAll(/\s*\n\s*/g, '; ');
        settle({ outcome: 'broken', text: `its process ended; ${words}`, loaded: true });
      };
      const timer = setTimeout(() => {
        this.stop();
        settle({ outcome: 'timed out', text: `no end after ${limit / 1000} s`, loaded: true });
      }, limit);
      child.once('message', settle);
      child.once('exit', ended);
    });
  }
}

const living = new Set();

function kill(child) {
  living.delete(child);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The process has ended already.
  }
}

process.once('exit', () => {
  for (const child of living) kill(child);
});
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(name, () => process.exit(code));
}
