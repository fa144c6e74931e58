// Two hundred clients are banned. nft refuses every command that contains one of three of them.
import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, fake, hosts } from '../lib/firewall.mjs';

await attack(
  'all other bans are set although nft refuses three elements, and these three are set later',
  async (world) => {
    writeFileSync(join(world.folder, 'refuses'), '');
    fake(
      world,
      'nft',
      'case "$*" in monitor*|*list*) exec $REAL "$@";; -i) exit 1;; esac; text=$(cat); if [ -e $HERE/refuses ] && grep -qE "203\\.0\\.113\\.(13|100|177)[^0-9]" <<< "$text"; then echo "Error: bad element" >&2; exit 1; fi; $REAL "$@" <<< "$text"',
    );
    await world.start();
    const clients = hosts(200);
    const bad = new Set(['203.0.113.13', '203.0.113.100', '203.0.113.177']);
    world.write(...clients.map((client, number) => trapLine(client, { number })));
    await eventually('all others are banned', () => world.holds(clients.filter((client) => !bad.has(client))), 30_000);
    const { state, owed, lastError } = await action(world, 'nftables');
    must(state === 'failing' && owed >= 3 && owed < 40, `the action is ${state} and owes ${owed}`);
    must(/^[^\p{C}]*bad element[^\p{C}]*$/u.test(lastError), lastError);
    rmSync(join(world.folder, 'refuses'));
    await onlyBanned(world, clients, 30_000);
  },
  { started: false, config: 'sync: 1h' },
);
