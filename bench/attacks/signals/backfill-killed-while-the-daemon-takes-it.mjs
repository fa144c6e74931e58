// Backfills that send their hits to the daemon are killed or stopped in the middle of the stream.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { begin, command } from '../lib/signals.mjs';

await attack('after a killed backfill the daemon goes on, and the next backfill counts each hit once', async (world) => {
  const lines = Array.from({ length: 200 }, (_, number) => trapLine(client(1 + number), { number }));
  const stopped = [];
  for (const signal of ['SIGKILL', 'SIGINT', 'SIGSTOP', 'SIGKILL', 'SIGSTOP']) {
    const { child, ended } = begin(world, ['backfill', '-']);
    for (const line of lines.slice(0, 100)) child.stdin.write(line);
    await sleep(700);
    child.kill(signal);
    if (signal === 'SIGSTOP') stopped.push({ child, ended });
    else await ended;
  }
  try {
    const { code, stderr, stdout } = await command(world, ['backfill', '-'], { input: lines.join('') });
    must(code === 0 && stderr === '', `backfill: ${code} ${stderr}`);
    must(stdout.includes('200 hits'), stdout);
    await onlyBanned(
      world,
      Array.from({ length: 200 }, (_, index) => client(1 + index)),
    );
    must((await world.status()).hits === 200, `${(await world.status()).hits} hits instead of 200`);
  } finally {
    for (const { child, ended } of stopped) {
      child.kill('SIGKILL');
      await ended;
    }
  }
});
