// Lets a benchmark be run by itself: `node bench/NAME.mjs [--quick]` prints its rows.
import { fileURLToPath } from 'node:url';
import { lineOf } from './rows.mjs';

/** Runs a benchmark when its file is what Node was started with. */
export async function byHand(meta, { name, run }) {
  if (process.argv[1] !== fileURLToPath(meta.url)) return;
  console.log(name);
  const rows = await run({ quick: process.argv.includes('--quick'), log: (text) => console.error(`  ${text}`) });
  for (const row of rows) console.log(lineOf(row));
}
