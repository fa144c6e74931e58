// postconf hangs at the start of a daemon that reads the journal.
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned, slowness } from '../lib/attack.mjs';

await attackJournal(
  'a postconf that hangs delays the start, and the daemon then reads and bans',
  async (world, journal) => {
    journal.program('postconf', 'sleep 1000');
    journal.program('id', 'echo 102');
    await world.start(45_000 * slowness());
    await journal.followed(1);
    journal.hit('203.0.113.1');
    await onlyBanned(world, ['203.0.113.1'], 15_000);
    must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
  },
  { config: 'sources: journal' },
);
