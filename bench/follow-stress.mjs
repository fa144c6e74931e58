// Counts the lines that are lost or read twice while a log is rotated 45 times a second:
//   node bench/follow-stress.mjs [MODE...] [--interval=22] [--slow]
// Needs a build (npm run build). With --slow the reader waits 5 ms after each batch, so it falls behind. Prints one line of figures for each mode.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openSource } from '../build/sources/read.js';

const LINES = 60_000;
const LINES_PER_SECOND = 20_000;
const words = process.argv.slice(2);
const interval = Number(words.find((word) => word.startsWith('--interval='))?.slice(11) ?? 22);
const slow = words.includes('--slow');
const modes = words.filter((word) => !word.startsWith('--'));
const notices = [];
const say = (text) => notices.push(text);
const log = { debug: say, info: say, notice: say, warn: say, error: say };

async function measure(mode) {
  const folder = mkdtempSync(join(tmpdir(), 'follow-stress-'));
  const path = join(folder, 'mail.log');
  writeFileSync(path, '');
  const seen = new Uint8Array(LINES);
  let garbled = 0;
  const stop = new AbortController();
  const reader = (async () => {
    for await (const { bytes } of openSource({ type: 'file', path }, { log }).read(undefined, stop.signal)) {
      for (const line of bytes.toString().split('\n').slice(0, -1)) {
        const number = Number(line.slice(0, 9));
        if (line.length > 100 && line.endsWith(`#${number % 97}`) && number < LINES) seen[number] += 1;
        else garbled += 1;
      }
      if (slow) await wait(5);
    }
  })();
  const writer = join(import.meta.dirname, 'rotating-writer.mjs');
  const child = spawn(process.execPath, [writer, path, mode, LINES, LINES_PER_SECOND, interval], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [written] = await child.stdout.toArray();
  await wait(3000);
  stop.abort();
  await reader;
  rmSync(folder, { recursive: true });
  const lost = seen.filter((count) => count === 0).length;
  const doubled = seen.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  return { mode, lost, doubled, garbled, ...JSON.parse(String(written)), notices: notices.splice(0).length };
}

for (const mode of modes.length > 0 ? modes : ['rename', 'hup', 'copytruncate', 'delete']) {
  console.log(JSON.stringify(await measure(mode)));
}
