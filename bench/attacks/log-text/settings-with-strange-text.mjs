// The operator configures a text for the trap table that is not ASCII and has many special characters of regular expressions.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

const TEXT = String.raw`löst (Falle) [x]{2,3} $1^* \d|<rest> <client> aus?`;

await attack(
  'the text of a jail is matched literally',
  async (world) => {
    world.write(
      hitLine('203.0.113.1', { text: TEXT }),
      hitLine('198.51.100.1', { text: TEXT.replace('ö', 'o') }),
      hitLine('198.51.100.2', { text: TEXT.slice(0, -1) }),
    );
    world.write(
      hitLine('198.51.100.3', { text: 'löst Falle xx $1 d' }),
      hitLine('203.0.113.2', { text: `${TEXT} mehr` }),
      hitLine('198.51.100.4', { text: `${TEXT}x` }),
    );
    await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1 });
  },
  { config: `jails: { a: { text: '${TEXT}' }, b: { text: triggers spamtrap } }` },
);
