// Five jails with different filters, texts and ban times read one log.
import { attack, must } from '../lib/attack.mjs';
import { hitLine, LAST, onlyHits } from '../lib/log-text.mjs';

const JAILS =
  'a: {}, b: { bantime: 2h }, c: { filter: postfix-redirect }, d: { filter: postfix-reject-trap }, e: { rules: { recipient: false } }';

await attack(
  'a line is one hit for each jail that matches it, and the firewall gets one element with the latest end',
  async (world) => {
    const line = hitLine('203.0.113.1');
    world.write(
      line,
      line
        .replaceAll('203.0.113.1', '203.0.113.2')
        .replace('discard', 'redirect')
        .replace('triggers spamtrap', 'triggers REDIRECT spamtrap@x'),
    );
    world.write(
      line
        .replaceAll('203.0.113.1', '203.0.113.3')
        .replace('discard', 'reject')
        .replace(': <trap', ': 554 5.7.1 <trap')
        .replace('triggers', 'rejected: triggers'),
    );
    await onlyHits(world, { '203.0.113.1': 2, '203.0.113.2': 1, '203.0.113.3': 1 });
    const jails = (await world.bans()).filter(({ network }) => network !== LAST).map(({ network, jail }) => `${network} ${jail}`);
    must(jails.length === 4, `the bans are ${jails.join(', ')}`);
    const left = world.firewall().get('203.0.113.1');
    must(left > 3600 && left <= 7200, `the firewall bans for ${left} s`);
  },
  { config: `jails: { ${JAILS} }` },
);
