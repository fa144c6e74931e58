// The program of the firewall stops itself with SIGSTOP at its third start and hangs for ever.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { fakeNft, programsOf } from '../lib/signals.mjs';

await attack(
  'a program of the firewall that stops itself is killed, and its bans are set by the next',
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
