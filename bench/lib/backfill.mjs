// `trapline backfill` as it is measured: dist/main.cjs with a new ledger on a disk for each run, no daemon, bans printed.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './timing.mjs';

/** The program; TRAPLINE_MAIN names another. */
export const MAIN = process.env.TRAPLINE_MAIN ?? fileURLToPath(new URL('../../dist/main.cjs', import.meta.url));

/** The modules that it was bundled from. */
export const BUILD = join(dirname(MAIN), '..', 'build');

/** A function that reads the log once and returns what that took. */
export function backfillOf(folder, path, words = []) {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing, run "npm run build"`);
  const at = (name) => join(folder, name);
  writeFileSync(at('trapline.yaml'), 'actions: [print]\n');
  const places = ['--config', at('trapline.yaml'), '--state', at('trapline.db'), '--socket', at('none.sock')];
  return () => {
    for (const end of ['', '-wal', '-shm']) rmSync(at(`trapline.db${end}`), { force: true });
    return measure([process.execPath, MAIN, 'backfill', ...places, ...words, path]);
  };
}
