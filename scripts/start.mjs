// npm start: installs packages and compiles when needed, then runs the demonstration. `npm start -- COMMAND...` runs a trapline command instead.
import { spawn } from 'node:child_process';
import { demonstrate } from './demo.mjs';
import { MAIN, setUp } from './setup.mjs';

const words = process.argv.slice(2);
setUp();
process.exitCode = words.length > 0 ? await run(words) : await demonstrate();

/** Runs one command line to its end; resolves to its exit code. */
function run(args) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'inherit' });
  // A terminal sends SIGINT to the child as well. This program ignores SIGINT, so that it ends after the child.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}
