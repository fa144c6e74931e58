// npm run mutants: makes each change to src/ that the lists in test/mutants/ describe, one at a time, and checks that the named test fails.
// `npm run mutants -- NAME...` tries only the mutants with these ids, and all mutants of the lists with these names. `--list` prints the mutants and
// tries none. `--jobs N` sets the number of processes. test/mutants/README.md describes how to add a mutant.
import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { tryMutants } from './mutants/crew.mjs';
import { chosenMutants, readMutants } from './mutants/lists.mjs';
import { ROOT, stop } from './setup.mjs';

/**
 * The largest number of processes without `--jobs`. There is one process more than processors, because some mutants only make their test wait.
 */
const MOST_JOBS = 4;

/** How many of the slowest test files are printed. */
const SLOWEST = 5;

const { mutants, jobs, root, list } = (() => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { list: { type: 'boolean' }, jobs: { type: 'string' }, root: { type: 'string', default: ROOT } },
    });
    // The real path is needed, because vitest names modules by their real paths.
    const folder = realpathSync(resolve(values.root));
    const wanted = Number(values.jobs ?? Math.min(MOST_JOBS, availableParallelism() + 1));
    return { root: folder, list: values.list, jobs: Math.max(1, wanted), mutants: chosenMutants(readMutants(folder), positionals) };
  } catch (error) {
    return stop(error.message, 64);
  }
})();

const print = (line) => process.stdout.write(`${line}\n`);

if (list) {
  for (const { room, id, file, test, why, faults } of mutants) {
    print([`${room}/${id}  ${file}  ${test}`, why, ...faults.map((fault) => `fault: ${fault}`)].join('\n    ').concat('\n'));
    if (faults.length > 0) process.exitCode = 1;
  }
} else {
  const began = Date.now();
  const died = new Map();
  let failed = 0;
  const done = ({ room, id, file }, fault) => {
    const counts = died.get(room) ?? { died: 0, all: 0 };
    died.set(room, { died: counts.died + (fault ? 0 : 1), all: counts.all + 1 });
    if (!fault) return;
    failed += 1;
    print(`${room}/${id} (${file}): ${fault}`);
  };
  for (const mutant of mutants) if (mutant.faults.length > 0) done(mutant, mutant.faults.join('; '));
  const times = await tryMutants(
    root,
    mutants.filter(({ faults }) => faults.length === 0),
    jobs,
    done,
  );
  for (const [room, counts] of [...died].toSorted(([one], [two]) => (one < two ? -1 : 1)))
    print(`${room}: ${counts.died} of ${counts.all} died`);
  const slowest = [...times].toSorted(([, one], [, two]) => two - one).slice(0, SLOWEST);
  print(`slowest: ${slowest.map(([test, millis]) => `${test} ${(millis / 1000).toFixed(0)} s`).join(', ')}`);
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  print(`${mutants.length} mutants, ${mutants.length - failed} died, ${failed} survived, ${minutes} minutes`);
  process.exitCode = failed > 0 ? 1 : 0;
}
