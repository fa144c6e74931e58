// nft refuses the table of one of two actions, and accepts the table of the other action; later it accepts both tables.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, fake, hosts, ownAction } from '../lib/firewall.mjs';

await attack(
  'an action that fails delays no other action, and gets every ban and unban later',
  async (world) => {
    const shipped = readFileSync(new URL('../../../actions/nftables.yaml', import.meta.url), 'utf8');
    const folder = ownAction(world, 'second', shipped.replace('name: nftables', 'name: second'));
    world.configure(`sync: 1s\n${folder}\nactions: [nftables, { type: second, table: other }]`);
    fake(
      world,
      'nft',
      'case "$*" in monitor*|*list*) exec $REAL "$@";; -i) exit 1;; esac; text=$(cat); if [ -e $HERE/refuses ] && grep -q "inet other" <<< "$text"; then echo "Error: no" >&2; exit 1; fi; $REAL "$@" <<< "$text"',
    );
    writeFileSync(join(world.folder, 'refuses'), '');
    await world.start();
    const clients = hosts(30);
    for (const [number, client] of clients.entries()) {
      world.write(trapLine(client, { number }));
      await eventually('the first table has the ban', () => world.holds([client]), 10_000);
    }
    await world.unban(['203.0.113.0/29']);
    must(
      (await action(world, 'second')).state === 'failing' && (await action(world, 'nftables')).state === 'ok',
      'the states are wrong',
    );
    rmSync(join(world.folder, 'refuses'));
    const left = clients.slice(7);
    await onlyBanned(world, left);
    const elements = () => world.run('nft', 'list', 'set', 'inet', 'other', 'ipv4_32').match(/203\.0\.113\.\d+/g)?.length;
    await eventually('the second table has the bans', () => elements() === left.length, 70_000);
  },
  { started: false },
);
