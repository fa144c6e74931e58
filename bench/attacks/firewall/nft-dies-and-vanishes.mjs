// The program nft is killed by a signal, is removed, is not executable, or is a folder, a text or a link to itself; then it is installed again.
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action } from '../lib/firewall.mjs';
import { join } from 'node:path';

await attack(
  'the error names the missing nft, and the bans are set when nft works again',
  async (world) => {
    // The system's folders of programs are hidden, because Trapline also searches them for a missing program.
    const path = join(world.folder, 'bin');
    mkdirSync(path);
    const nft = join(path, 'nft-own');
    const good = '#!/bin/bash\nexec /usr/sbin/nft "$@"\n';
    const put = (text) => {
      rmSync(nft, { recursive: true, force: true });
      writeFileSync(nft, text);
      chmodSync(nft, 0o755);
    };
    put(good);
    const folder = join(world.folder, 'actions');
    mkdirSync(folder);
    const shipped = readFileSync(new URL('../../../actions/nftables.yaml', import.meta.url), 'utf8');
    const own = shipped.replaceAll('argv: [nft,', `argv: [${nft},`).replaceAll('instead: [nft,', `instead: [${nft},`);
    writeFileSync(join(folder, 'own.yaml'), own.replace('name: nftables', 'name: own'));
    world.configure(`sync: 1s\nactions_folder: '${folder}'\nactions: [own]`);
    await world.start();
    const faults = {
      'dies by a signal': () => put('#!/bin/bash\nkill -SEGV $$\n'),
      'is removed': () => rmSync(nft),
      'may not be run': () => chmodSync(nft, 0o644),
      'is a folder': () => (rmSync(nft), mkdirSync(nft)),
      'is a link to itself': () => (rmSync(nft, { recursive: true }), symlinkSync(nft, nft)),
      'needs a program that is missing': () => put('#!/no/such/program\n'),
      'is no program': () => put('\u007fELF\0\0\0'),
    };
    const clients = [];
    for (const [index, [what, spoil]] of Object.entries(faults).entries()) {
      spoil();
      clients.push(`203.0.113.${index + 1}`);
      world.run('nft', 'flush ruleset');
      world.write(trapLine(clients.at(-1), { number: index }));
      const { lastError } = await eventually(`the action fails when nft ${what}`, async () => {
        const state = await action(world, 'own');
        return state.state === 'failing' && state;
      });
      must(/^[^\p{C}]+$/u.test(lastError) && !lastError.includes('undefined'), `nft ${what}: ${lastError}`);
      put(good);
      await eventually(`it works again after nft ${what}`, async () => (await action(world, 'own')).state === 'ok', 20_000);
    }
    await onlyBanned(world, clients, 15_000);
  },
  { started: false },
);
