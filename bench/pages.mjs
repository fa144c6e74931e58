// Measures reading a file of 1 GB into memory that begins at a page, and into memory from Buffer.allocUnsafeSlow. On some processors the second
// takes several times as long (src/lib/files/pages.ts says why). By hand: node bench/pages.mjs [--quick]
import { join } from 'node:path';
import { cachedLog } from './genlog.mjs';
import { BUILD } from './lib/backfill.mjs';
import { byHand } from './lib/by-hand.mjs';
import { row } from './lib/rows.mjs';
import { measure, sideBySide } from './lib/timing.mjs';

export const name = 'Reading into memory';

/** The size of one read, as in src/sources/old/chunks.ts. */
const SIZE = 1_048_576;

/** A program that reads a file to its end. `memory` is the expression that makes the buffer. */
const reading = (memory) => `
  import { openSync, readSync } from 'node:fs';
  import { wholePages } from ${JSON.stringify(join(BUILD, 'lib', 'files', 'pages.js'))};
  const memory = ${memory}, file = openSync(process.argv[1]);
  while (readSync(file, memory) > 0);`;

export async function run({ quick, log }) {
  const path = cachedLog(10_000_000, { say: log });
  const program = (memory) => () => measure([process.execPath, '--input-type=module', '-e', reading(memory), path]);
  const { pages, malloc } = await sideBySide(
    { pages: program(`wholePages(${SIZE})`), malloc: program(`Buffer.allocUnsafeSlow(${SIZE})`) },
    quick ? 3 : 7,
  );
  const what = 'reading 10 million lines in pieces of 1 MiB into whole pages, with the start of Node';
  return [row({ what, unit: 's CPU', ours: pages.cpu, peers: { 'Buffer.allocUnsafeSlow': malloc.cpu } })];
}

await byHand(import.meta, { name, run });
