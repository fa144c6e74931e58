// The operator's own filter is slow for certain lines, and a client sends these lines.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

const FILTER = String.raw`
name: slow
description: Slow lines
rules:
  - name: slow
    pattern: '^<prefix:app>login from <address>: a.*b.*c.*d.*e.*f.*g!$'
examples:
  - { line: 'Nov 25 00:03:16 mx app[1]: login from 192.0.2.1: abcdefg!', address: 192.0.2.1, rule: slow }
  - { line: 'Nov 25 00:03:16 mx app[1]: login from 192.0.2.1: abc', none: too short }
`;

await attack(
  'a slow rule is set aside and reported once, and all other jails go on',
  async (world) => {
    writeFileSync(join(world.folder, 'slow.yaml'), FILTER);
    world.configure(`filters_folder: ${world.folder}\njails: { traps: {}, slow: { filter: slow } }`);
    await world.start();
    world.write(hitLine('203.0.113.2', { tag: 'app[1]', message: 'login from 203.0.113.2: abcdefg!' }));
    const slow = hitLine('', { tag: 'app[1]', message: `login from 198.51.100.7: ${'abcdef'.repeat(1300)}login from` });
    world.write(slow.repeat(100), hitLine('203.0.113.1'), slow.repeat(100));
    await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1 });
    await eventually('the rule is set aside', () => /rule "slow" took more than/.test(world.said));
    must(world.said.match(/rule "slow" took more than/g).length === 1, 'the rule was reported more than once');
  },
  { started: false },
);
