// A backfill without a daemon is killed at several moments and begun again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { command, sql } from '../lib/ledger.mjs';

await attack(
  'a backfill that was killed again and again counts each hit once',
  async (world) => {
    const old = join(world.folder, 'old.log');
    const now = Date.now();
    writeFileSync(
      old,
      Array.from({ length: 30_000 }, (_, number) => trapLine('203.0.113.1', { at: now - 60_000 + number, number })).join(''),
    );
    const places = ['--config', world.config, '--state', world.state, '--socket', world.socket];
    const [program, ...args] = world.inside(...world.program, 'backfill', old, ...places);
    for (const moment of [300, 500, 700, 900, 1200, 1600]) {
      const child = spawn(program, args, { stdio: 'ignore' });
      const ended = once(child, 'exit');
      await sleep(moment);
      child.kill('SIGKILL');
      await ended;
    }
    const { status, stderr } = command(world, ['backfill', old]);
    must(status === 0, stderr);
    must(sql(world, 'SELECT count(*) FROM hits') === '30000', `${sql(world, 'SELECT count(*) FROM hits')} hits`);
    must(sql(world, 'SELECT sum(hits) FROM tallies') === '30000', 'the tallies are wrong');
    await world.start();
  },
  { started: false },
);
