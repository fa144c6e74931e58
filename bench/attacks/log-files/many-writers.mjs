// Ten programs append to one log at once while it is renamed and copied; each line must count once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { counted, hit, put } from '../lib/log-files.mjs';

await attack('no line of many writers is lost or read twice', async (world) => {
  const numbers = Array.from({ length: 10 }, (_, index) => index + 1);
  const writers = numbers.map((number) => {
    const text = Array.from({ length: 20 }, () => hit(number)).join('');
    const child = spawn('sh', ['-c', 'while IFS= read -r line; do printf "%s\\n" "$line" >> "$0"; sleep 0.02; done', world.log]);
    child.stdin.end(text);
    return once(child, 'exit');
  });
  for (let rotation = 1; rotation <= 5; rotation += 1) {
    await sleep(60);
    renameSync(world.log, `${world.log}.${10 - rotation}`);
    writeFileSync(world.log, '', { flag: 'a' });
  }
  await Promise.all(writers);
  put(world.log, 11);
  await counted(world, ...numbers.flatMap((number) => Array.from({ length: 20 }, () => number)), 11);
});
