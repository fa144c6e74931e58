// journalctl prints incomplete lines, an entry of 20 MB, deep nesting, names of JavaScript's inherited properties, and values that are no objects.
import { must, onlyBanned } from '../lib/attack.mjs';
import { attackJournal, enter, hitEntry } from '../lib/log-text-journal.mjs';
import { hitMessage } from '../lib/log-text.mjs';

await attackJournal('output that is no entry is skipped, and the entries around it count', async (world) => {
  const before = world.memory().now;
  enter(
    world,
    '{"MESSAGE":',
    'null',
    '[]',
    '7',
    '"text"',
    '',
    '{}',
    '\0',
    '['.repeat(200_000),
    `{"a":${'{"a":'.repeat(20_000)}`,
    hitEntry('203.0.113.1'),
  );
  enter(world, hitEntry('', { MESSAGE: hitMessage('203.0.113.2') + 'x'.repeat(20_000_000) }), hitEntry('203.0.113.3'));
  enter(
    world,
    `{"__proto__":${JSON.stringify(hitEntry('198.51.100.7'))}}`,
    '{"constructor":1,"toString":null,"__CURSOR":{}}',
    hitEntry('203.0.113.4', { __CURSOR: undefined }),
    hitEntry('203.0.113.5'),
  );
  await onlyBanned(world, ['203.0.113.1', '203.0.113.3', '203.0.113.4', '203.0.113.5']);
  must(world.said.match(/an entry was too long to be read/g)?.length === 1, 'the long entry was not reported once');
  must(world.memory().most - before < 200, `${world.memory().most - before} MiB were needed`);
});
