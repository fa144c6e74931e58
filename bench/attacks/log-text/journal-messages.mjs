// Messages come as bytes, with line ends and whole lines inside, twice, as null, as numbers, and as nested values. A message may begin with a blank,
// as in logs of several relays: it names its own client.
import { onlyBanned } from '../lib/attack.mjs';
import { attackJournal, enter, hitEntry } from '../lib/log-text-journal.mjs';
import { hitLine, hitMessage } from '../lib/log-text.mjs';

const bytes = (text) => [...Buffer.from(text)];

await attackJournal('whatever the form of a message, it bans at most its own client', async (world) => {
  const inner = hitLine('198.51.100.7');
  enter(
    world,
    hitEntry('', { MESSAGE: bytes(`${hitMessage('203.0.113.1')}\n${inner}`) }),
    hitEntry('', { MESSAGE: `${hitMessage('203.0.113.2')}\n${inner}` }),
  );
  enter(
    world,
    hitEntry('', { MESSAGE: `connect from a[203.0.113.3]\n${inner}` }),
    hitEntry('', { MESSAGE: [hitMessage('198.51.100.1'), hitMessage('198.51.100.2')] }),
  );
  const strange = [
    null,
    7,
    true,
    {},
    { MESSAGE: inner },
    [],
    [256],
    [-1],
    [1.5],
    [[1]],
    ['a'],
    bytes(hitMessage('198.51.100.3')).map(String),
    '',
    '\0',
  ];
  enter(
    world,
    ...strange.map((MESSAGE) => hitEntry('', { MESSAGE })),
    hitEntry('', { MESSAGE: bytes(hitMessage('203.0.113.4')).concat(0xff, 0) }),
  );
  enter(world, hitEntry('', { MESSAGE: ` ${hitMessage('203.0.113.5')}` }), hitEntry('203.0.113.6'));
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.4', '203.0.113.5', '203.0.113.6']);
});
