// A client sends one trap three times in one session, and rsyslog ($RepeatedMsgReduction on, as Ubuntu ships it) writes two lines.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { bsd, hitLine, hitMessage, iso, THIRD } from '../lib/log-text.mjs';

const repeated = (address, times) => `message repeated ${times} times: [ ${hitMessage(address)}]`;

await attack(
  'the messages that rsyslog counts in brackets are hits of their client',
  async (world) => {
    world.write(hitLine('203.0.113.1', { date: bsd() }), hitLine('', { date: bsd(), message: repeated('203.0.113.1', 2) }));
    world.write(hitLine('203.0.113.2'), hitLine('', { message: repeated('203.0.113.2', 2) }));
    world.write(hitLine('203.0.113.3'), hitLine('', { message: repeated('203.0.113.3', 1) }));
    // A client that writes such a text itself is hit once.
    world.write(hitLine('203.0.113.4', { helo: repeated('198.51.100.7', 9) }));
    world.write(`${iso()} mx postfix/smtpd[1]: warning: message repeated 9 times: [ ${hitMessage('198.51.100.8')}]\n`);
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    const { hits } = await world.status();
    must(hits === 9, `${hits} hits were counted instead of 9`);
  },
  THIRD,
);
