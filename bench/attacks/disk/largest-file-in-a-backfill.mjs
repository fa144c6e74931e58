// A backfill without a daemon reaches the limit of file sizes (RLIMIT_FSIZE) in the middle.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { command, sql } from '../lib/ledger.mjs';

await attack(
  'a backfill at the limit of file sizes ends with one line, and the next backfill counts each hit once',
  async (world) => {
    const old = join(world.folder, 'old.log');
    const now = Date.now();
    writeFileSync(
      old,
      Array.from({ length: 20_000 }, (_, number) => trapLine('203.0.113.1', { at: now - 40_000 + number, number })).join(''),
    );
    const { status, stderr, signal } = command(world, ['backfill', old], { before: ['prlimit', '--fsize=1500000'] });
    must(status === 69 && /^trapline: [^\n]+\n$/.test(stderr), `${status ?? signal}: ${stderr}`);
    must(command(world, ['backfill', old]).status === 0, 'the repetition failed');
    must(sql(world, 'SELECT count(*) FROM hits') === '20000', 'a hit is lost or doubled');
    await world.start();
  },
  { started: false },
);
