// A client mails one trap again and again, and syslogd replaces equal lines by "last message repeated N times" in each of its forms.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { bsd, hitLine, hitsAre, THIRD } from '../lib/log-text.mjs';

await attack(
  'each repeat is a hit, and only the client of the repeated line is banned',
  async (world) => {
    const forms = [
      'last message repeated 2 times',
      'syslogd: last message repeated 2 times',
      'syslogd[9]: last message repeated 2 times',
    ];
    forms.push('rsyslogd: last message repeated 2 times', '--- last message repeated 2 times ---', 'last message repeated 1 time');
    for (const [index, form] of forms.entries())
      world.write(hitLine(`203.0.113.${index + 1}`, { date: bsd() }), `${bsd()} mx ${form}\n`);
    world.write(hitLine('203.0.113.9', { date: bsd() }), `${bsd()} mx2 last message repeated 5 times\n`);
    world.write(
      hitLine('203.0.113.10'),
      `${bsd()} mx postfix/smtpd[1]: disconnect from a[203.0.113.1]\n`,
      `${bsd()} mx last message repeated 5 times\n`,
    );
    world.write(hitLine('203.0.113.11'), `${bsd()} mx last message repeated 2 times or so\n`);
    await hitsAre(world, {
      '203.0.113.1': 3,
      '203.0.113.2': 3,
      '203.0.113.3': 3,
      '203.0.113.4': 3,
      '203.0.113.5': 3,
      '203.0.113.6': 2,
      '203.0.113.9': 1,
      '203.0.113.10': 1,
      '203.0.113.11': 1,
    });
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4', '203.0.113.5']);
  },
  THIRD,
);
