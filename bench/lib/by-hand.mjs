// Makes each benchmark a program: `node bench/NAME.mjs [--quick]` prints its rows.
import { isProgram } from '../../scripts/setup.mjs';
import { lineOf } from './rows.mjs';

/** Runs a benchmark when Node was started with its file. */
export async function byHand(meta, { name, run }) {
  if (!isProgram(meta.url)) return;
  console.log(name);
  const rows = await run({ quick: process.argv.includes('--quick'), log: (text) => console.error(`  ${text}`) });
  for (const row of rows) console.log(lineOf(row));
}
