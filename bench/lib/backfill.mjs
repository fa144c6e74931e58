// Measures `trapline backfill`: runs dist/main.cjs without a daemon and with the action print. Each run has a new ledger, which is on a disk.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './timing.mjs';

/** The measured program: dist/main.cjs, or the file that TRAPLINE_MAIN names. */
export const MAIN = process.env.TRAPLINE_MAIN ?? fileURLToPath(new URL('../../dist/main.cjs', import.meta.url));

/** The folder of the modules from which the program was bundled. */
export const BUILD = join(dirname(MAIN), '..', 'build');

/** Returns a function that runs one backfill of the log and returns its time and memory. `config` is the text of the configuration. */
export function backfillOf(folder, path, words = [], config = 'actions: [print]\n') {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing, run "npm run build"`);
  const at = (name) => join(folder, name);
  writeFileSync(at('trapline.yaml'), config);
  const places = ['--config', at('trapline.yaml'), '--state', at('trapline.db'), '--socket', at('none.sock')];
  return () => {
    for (const end of ['', '-wal', '-shm']) rmSync(at(`trapline.db${end}`), { force: true });
    return measure([process.execPath, MAIN, 'backfill', ...places, ...words, path]);
  };
}
