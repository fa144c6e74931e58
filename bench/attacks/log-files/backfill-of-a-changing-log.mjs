// A log of fifty megabytes is appended to, truncated and deleted while it is backfilled.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { otherLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { hit, put } from '../lib/log-files.mjs';

await attack(
  'when the log changes during a backfill, the backfill ends with one line and keeps the hits that it has read',
  async (world) => {
    const log = `${world.folder}/old.log`;
    const filler = Array.from({ length: 500_000 }, (_, number) => otherLine(number)).join('');
    for (const [index, change] of [() => put(log, 9), () => truncateSync(log), () => rmSync(log)].entries()) {
      writeFileSync(log, hit(index + 1) + filler);
      const [program, ...args] = world.inside(
        ...world.program,
        'backfill',
        '--config',
        world.config,
        '--state',
        world.state,
        '--socket',
        world.socket,
        log,
      );
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
      const ended = once(child, 'exit');
      await sleep(400 + index * 100);
      change();
      const [code] = await ended;
      must([0, 65, 69].includes(code) && !/\n\s+at /.test(said), `the backfill ended with ${code}: ${said}`);
    }
    const found = world.rows('SELECT DISTINCT address FROM hits').map(({ address }) => address);
    must(
      found.every((address) => /^203\.0\.113\.[1239]$/.test(address)),
      `hits of ${found.join(', ')}`,
    );
    put(world.log, 5);
    await sleep(500);
    must(found.length > 0, 'no hit was found');
  },
);
