// A client sends the text for which the shipped filters need the most time, two thousand times at once, so that a rule might be set aside.
import { attack, must } from '../lib/attack.mjs';
import { hitLine, readHits } from '../lib/log-text.mjs';

const LENGTH = 1900;
const fill = (text) => text.repeat(Math.ceil(LENGTH / text.length)).slice(0, LENGTH);
const TEXTS = [
  '>: Recipient address triggers spamtrapx',
  '>: Recipient address triggers spamtrap; from=<a> to=<b> proto=SMTP helo=<c> sasl_method=X sasl_username=d<',
  '>: Recipient address triggers spamtrap; sasl_username=',
  '>: Sender address triggers spamtrap a',
  '"\\"',
  '[',
  '<a>: ',
  '>: Helo command ',
  '; from=<"\\\\',
  ' sasl_sender=',
  'triggers spamtrap',
];

await attack('no text of a client makes a shipped rule slow', async (world) => {
  for (const text of TEXTS) {
    const lines = [fill(text), `${fill(text)}<`, `<${fill(text)}`].flatMap((trap) => [
      hitLine('198.51.100.7', { trap, text: 'x triggers spamtrap' }),
      hitLine('198.51.100.7', { trap: 'x', text: `triggers spamtrap${trap.slice(0, 0)}x`, from: trap, helo: trap.slice(0, 512) }),
    ]);
    world.write(lines.join('').repeat(60));
    // Local users write lines of any length, of which 8 KiB are matched.
    world.write(hitLine('198.51.100.7', { trap: fill(text).repeat(4), text: 'x triggers spamtrap' }).repeat(60));
  }
  await readHits(world);
  const aside = (await world.status()).jails.flatMap(({ rules }) => rules.filter(({ setAside }) => setAside !== null));
  must(aside.length === 0, `rule ${aside[0]?.name} was set aside: ${aside[0]?.setAside}`);
});
