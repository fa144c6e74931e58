// A program overwrites the log with other lines, and the size of the log does not change.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('the new lines of an overwritten log are read', async (world) => {
  put(world.log, 11, 12, 13);
  await counted(world, 11, 12, 13);
  const text = readFileSync(world.log, 'utf8').replaceAll('203.0.113.1', '203.0.113.2');
  const file = openSync(world.log, 'r+');
  writeSync(file, text);
  closeSync(file);
  put(world.log, 24);
  await counted(world, 11, 12, 13, 21, 22, 23, 24);
});
