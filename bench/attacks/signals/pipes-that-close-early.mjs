// The standard output of each command is a pipe to a program that reads one line or nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { shell } from '../lib/signals.mjs';

await attack('a command whose reader ends early writes nothing to standard error', async (world) => {
  const old = join(world.folder, 'old.log');
  writeFileSync(old, Array.from({ length: 20_000 }, (_, number) => trapLine(client(1 + (number % 200)), { number })).join(''));
  await world.ban(Array.from({ length: 10_000 }, (_, number) => `198.51.${number >> 8}.${number & 255}`));
  for (const line of [
    `"$@" test $places ${old} | head -n 1`,
    `"$@" test $places --json ${old} | head -c 10`,
    '"$@" bans $places | head -n 1',
    '"$@" bans $places --json | true',
    '"$@" status $places | true',
    '"$@" --help | true',
    `"$@" backfill $places ${old} --dry-run | head -n 1`,
    '"$@" unban $places --all | head -n 1',
    `"$@" test $places - < ${old} | head -n 1`,
  ]) {
    const { code, stderr } = await shell(world, `set -o pipefail; ${line}`);
    must(stderr === '', `${line}: ${stderr}`);
    must(code === 0, `${line}: ended with ${code}`);
  }
  must((await world.bans()).length === 0, 'unban was not complete');
});
