// The daemon is killed while nft replaces five thousand bans. nft runs on, and the daemon starts again.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { fake, networks6 } from '../lib/firewall.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

await attack(
  'when nft outlives a killed daemon, ledger and firewall still agree after the next start',
  async (world) => {
    fake(
      world,
      'nft',
      'case "$*" in *-f*) text=$(cat); if [ ${#text} -gt 50000 ]; then sleep 0.4; fi; exec $REAL "$@" <<< "$text";; esac; exec $REAL "$@"',
    );
    await world.start();
    const all = networks6(5000);
    await world.ban(all, { duration: null });
    const count = () => world.run('nft', 'list', 'ruleset').match(/2001:db8:/g)?.length ?? 0;
    for (const pause of [50, 200, 350]) {
      await world.kill();
      world.run('nft', 'flush', 'ruleset');
      world.spawn();
      await sleep(pause + 200);
      await world.kill();
      await world.start();
      await world.unban([all[pause]]);
      await sleep(600);
    }
    await eventually('the firewall has the bans of the ledger', async () => count() === (await world.bans()).length, 20_000);
    must(count() === all.length - 3, `${count()} elements instead of ${all.length - 3}`);
    await world.ask('DELETE', '/v1/bans', { all: true });
  },
  { started: false, config: 'sync: 2s' },
);
