// Without postfix_uid the daemon runs postconf and id, which at first print wrong output, and later answer correctly.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal(
  'the daemon tries again until it knows the user id of Postfix, and no hit is lost meanwhile',
  async (world, journal) => {
    journal.program('postconf', 'echo "x; reboot"; head -c 1000000 /dev/zero; echo "/dev/null: fatal" >&2');
    journal.program('id', 'echo "uid=102(postfix)"');
    await world.start();
    await eventually('the fault is reported', () =>
      world.said.includes('the user id of Postfix is not known (postconf -h mail_owner), set'),
    );
    journal.program('postconf', 'case "$*" in *mail_owner*) echo postfix;; esac');
    journal.program('id', 'echo 102');
    await journal.followed(1);
    journal.hit('203.0.113.1');
    await onlyBanned(world, ['203.0.113.1'], 15_000);
    must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
  },
  { config: 'sources: journal' },
);
