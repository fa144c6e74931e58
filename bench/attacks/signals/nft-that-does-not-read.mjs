// nft closes its standard input at once, so that the daemon cannot write the bans to it (SIGPIPE).
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeNft } from '../lib/signals.mjs';

await attack(
  'a run of nft that reads no input counts as failed, and the daemon goes on',
  async (world) => {
    const deaf = join(world.folder, 'deaf');
    fakeNft(
      world,
      `case "$*" in *-i*|*monitor*) exit 1 ;; esac; if [ -e ${deaf} ]; then exec <&-; echo "no input" >&2; exit 1; fi`,
    );
    await world.start();
    writeFileSync(deaf, '');
    const networks = Array.from({ length: 20_000 }, (_, number) => `198.51.${100 + (number >> 8)}.${number & 255}`);
    void world.ban(networks).catch(() => {});
    await eventually('the failure is reported', () => world.said.includes('no input'), 40_000);
    rmSync(deaf);
    await eventually(
      'all bans are set',
      async () => (await world.status()).actions[0].owed === 0 && world.holds(networks.slice(-5)),
      40_000,
    );
    await world.unban(['198.51.0.0/16']);
    await onlyBanned(world, [], 20_000);
    must(!/\n\s+at |EPIPE/.test(world.said), world.said.slice(-500));
  },
  { started: false },
);
