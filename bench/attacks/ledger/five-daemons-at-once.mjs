// Five daemons start at once with one ledger, each with a socket of its own, while lines arrive.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { hitsOf } from '../lib/ledger.mjs';

await attack(
  'only one of five daemons with one ledger runs, and each hit counts once',
  async (world) => {
    const daemons = [1, 2, 3, 4, 5].map((number) => {
      const places = ['--config', world.config, '--state', world.state, '--socket', join(world.folder, `${number}.sock`)];
      const [program, ...args] = world.inside(...world.program, 'run', ...places);
      return spawn(program, args, { stdio: 'ignore' });
    });
    const running = () => daemons.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    try {
      for (let number = 0; number < 50; number += 1) world.write(trapLine(`203.0.113.${number}`, { number }));
      await eventually('four have ended', () => running().length <= 1, 40_000 * slowness());
      must(running().length === 1, 'none is left');
      await eventually('all hits are recorded', () => hitsOf(world).length >= 50);
      await sleep(500);
      must(hitsOf(world).length === 50 && new Set(hitsOf(world)).size === 50, `${hitsOf(world).length} hits`);
      must(daemons.filter(({ exitCode }) => exitCode === 69).length === 4, daemons.map(({ exitCode }) => exitCode).join());
    } finally {
      const ends = running().map((daemon) => once(daemon, 'exit'));
      for (const daemon of running()) daemon.kill('SIGKILL');
      await Promise.all(ends);
    }
  },
  { started: false, after: false },
);
