// The third run of nft stops itself with SIGSTOP and does not continue.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { fakeNft, programsOf } from '../lib/signals.mjs';

await attack(
  'a stopped run of nft is killed, and the next run sets its bans',
  async (world) => {
    fakeNft(
      world,
      `case "$*" in *-i*) exit 1 ;; esac; echo >> ${world.folder}/starts; [ $(wc -l < ${world.folder}/starts) = 3 ] && kill -STOP $$`,
    );
    await world.start();
    void world.ban(['203.0.113.1']);
    void world.ban(['203.0.113.2']);
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 20_000);
    const stopped = programsOf(world.child.pid).filter(({ argv }) => argv.includes('/bin/nft') && !argv.includes('monitor'));
    must(stopped.length === 0, `still running: ${JSON.stringify(stopped)}`);
    must((await world.status()).actions[0].state === 'ok', 'the action is not ok');
  },
  { started: false },
);
