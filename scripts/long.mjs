// npm run long -- NAME [ARGUMENT...]: runs a test that takes too long for CI, and exits with the exit code of this test. CI runs a shorter form of
// each test.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { say, setUp, stop, ROOT } from './setup.mjs';

const bench = (file, ...words) => [process.execPath, join(ROOT, 'bench', file), ...words];

/** The load and the command of each test, by the name of the test. Further ARGUMENTs are appended to the command. */
const LONG = {
  'crash-rounds': {
    load: '1,000 kills at random moments; ledger and firewall are compared after each kill',
    command: bench('crash-rounds.mjs', '1000'),
  },
  stops: { load: '200 stops at random moments under load', command: bench('stops.mjs', '200') },
  soak: { load: 'everything at once for 30 minutes', command: bench('soak.mjs') },
  load: { load: '50,000 lines and 1,000 hits a second for a minute', command: bench('load.mjs') },
  million: { load: 'a million clients at once', command: bench('million.mjs') },
  'follow-stress': { load: '60,000 lines with 45 rotations a second, in every mode', command: bench('follow-stress.mjs') },
  'many-files': { load: '10,000 logs, of which ten change', command: bench('many-files.mjs') },
  attacks: { load: 'every attack of bench/attacks/', command: bench('attacks/run.mjs') },
  suite: { load: 'the whole suite ten times, five times beside two busy loops', command: undefined },
};

const [name = '', ...words] = process.argv.slice(2);
const found = LONG[name];
if (!found) {
  const lines = Object.entries(LONG).map(([known, { load }]) => `  ${known.padEnd(14)}${load}`);
  stop(`"${name}" is no long test; the long tests are\n${lines.join('\n')}`, 64);
}
setUp();
const { load, command } = found;
say(`${name}: ${load}`);
const started = performance.now();
const code = command ? run([...command, ...words]) : suite(Number(words[0] ?? 10));
say(`${name}: ${code === 0 ? 'passed' : 'failed'} after ${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
process.exitCode = code;

function run([program, ...argv]) {
  return spawnSync(program, argv, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

/** Runs the suite a number of times, the second half beside two busy loops, and prints one line for each run. */
function suite(times) {
  let failed = 0;
  for (let number = 1; number <= times; number += 1) {
    const busy = number > times / 2 ? [busyLoop(), busyLoop()] : [];
    const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'test.mjs')], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for (const loop of busy) loop.kill();
    if (status !== 0) failed += 1;
    const faults = status === 0 ? [] : stdout.split('\n').filter((line) => /FAIL|timed out/.test(line));
    const summary = stdout.trimEnd().split('\n').at(-1) ?? '';
    process.stdout.write([`run ${number}${busy.length > 0 ? ', busy' : ''}: ${summary}`, ...faults, ''].join('\n'));
  }
  return failed === 0 ? 0 : 1;
}

/** Starts a program that keeps one processor busy until it is killed, but for an hour at most. */
function busyLoop() {
  return spawn(process.execPath, ['-e', 'const end = Date.now() + 3_600_000; while (Date.now() < end);'], { stdio: 'ignore' });
}
