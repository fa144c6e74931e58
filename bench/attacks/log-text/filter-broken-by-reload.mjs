// While hits arrive, the operator writes five different faults into his filter, and reloads after each of them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

const filter = (pattern) => `name: own\ndescription: x\nrules:\n  - name: r\n    pattern: '${pattern}'\nexamples: []\n`;
const GOOD = String.raw`^<prefix><queue-id>: discard: RCPT from <client>: \<(?<trap>.*?)>: Recipient address triggers spamtrap<rest>`;
const BAD = [
  filter('^(a+)+<client>'),
  filter(GOOD.replace('<client>', '.*<client>')),
  '',
  '{',
  filter(GOOD.replace('^', '')),
  `${filter(GOOD)}rules: []\n`,
];

await attack(
  'a reload with a broken filter is refused in one line, and the jail goes on',
  async (world) => {
    const file = join(world.folder, 'own.yaml');
    writeFileSync(file, filter(GOOD));
    world.configure(`jails: { own: { filter: ${file} } }`);
    await world.start();
    for (const [index, text] of BAD.entries()) {
      writeFileSync(file, text);
      const refused = await world.reload().then(
        () => undefined,
        (thrown) => thrown.message,
      );
      must(refused?.includes('own.yaml') && !refused.includes('\n'), `the answer to the reload was ${refused}`);
      world.write(hitLine(`203.0.113.${index + 1}`));
    }
    await onlyHits(world, Object.fromEntries(BAD.map((_, index) => [`203.0.113.${index + 1}`, 1])));
  },
  { started: false },
);
