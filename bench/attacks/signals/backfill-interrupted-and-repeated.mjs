// An operator interrupts a backfill without a daemon at several moments, with SIGINT, SIGTERM, SIGHUP and SIGKILL, and then lets it end.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { otherLine, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { begin, command } from '../lib/signals.mjs';

await attack(
  'after interrupted backfills, a complete run counts each hit once, and the daemon then sets every ban',
  async (world) => {
    const old = join(world.folder, 'old.log');
    const lines = Array.from({ length: 100_000 }, (_, number) =>
      number % 500 === 0 ? trapLine(client(1 + number / 500), { number: number / 500 }) : otherLine(number),
    );
    writeFileSync(old, lines.join(''));
    for (const [index, signal] of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGPIPE', 'SIGQUIT', 'SIGKILL'].entries()) {
      const { child, ended } = begin(world, ['backfill', old]);
      await sleep(250 + index * 60);
      child.kill(signal);
      const { stderr } = await ended;
      must(!/\n\s+at /.test(stderr), stderr);
    }
    const { code, stderr } = await command(world, ['backfill', old, '--json']);
    must(code === 0 && stderr === '', `backfill: ${code} ${stderr}`);
    const all = Array.from({ length: 200 }, (_, index) => client(1 + index));
    await world.start();
    await onlyBanned(world, all);
    must((await world.status()).hits === 200, `${(await world.status()).hits} hits instead of 200`);
  },
  { started: false },
);
