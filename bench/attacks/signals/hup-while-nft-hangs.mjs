// nft hangs, while SIGHUP, bans and requests for the status arrive.
import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { fakeNft } from '../lib/signals.mjs';

await attack(
  'a reload and the status do not wait for a firewall that hangs',
  async (world) => {
    const hang = join(world.folder, 'hang');
    fakeNft(world, `case "$*" in *-i*|*monitor*) exit 1 ;; esac; [ -e ${hang} ] && sleep 600`);
    await world.start();
    writeFileSync(hang, '');
    world.write(trapLine('203.0.113.1'));
    await eventually('the hit is on record', async () => (await world.status()).bans === 1);
    const start = performance.now();
    world.child.kill('SIGHUP');
    await eventually('the reload', () => world.said.includes('configuration read again'), 5_000 * slowness());
    await world.status();
    must(performance.now() - start < 5_000 * slowness(), 'the reload waited');
    rmSync(hang);
    await onlyBanned(world, ['203.0.113.1'], 30_000);
  },
  { started: false },
);
