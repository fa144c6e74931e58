// The folder of filters has two hundred filters, each with a jail and a text of its own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitsOf } from '../lib/limits.mjs';

const SHIPPED = readFileSync(new URL('../../../filters/postfix-spamtrap.yaml', import.meta.url), 'utf8').split('examples:')[0];

await attack(
  'each of two hundred filters finds only its own hits',
  async (world) => {
    const folder = join(world.folder, 'filters');
    mkdirSync(folder);
    const names = Array.from({ length: 200 }, (_, index) => `own-${index}`);
    const example = trapLine('203.0.113.9', { at: 0 }).trim();
    for (const name of names) {
      const text = SHIPPED.replace('name: postfix-spamtrap', `name: ${name}`).replace(
        'text: triggers spamtrap',
        `text: triggers ${name}`,
      );
      writeFileSync(
        join(folder, `${name}.yaml`),
        `${text}examples:\n  - line: '${example.replace('triggers spamtrap', `triggers ${name}`)}'\n    address: 203.0.113.9\n    rule: recipient\n`,
      );
    }
    const jails = names.map((name) => `  ${name}: { filter: ${name} }`).join('\n');
    world.configure(`filters_folder: '${folder}'\njails:\n${jails}`);
    await world.start(55_000);
    const lines = names.map((name, index) =>
      trapLine(`203.0.113.${index + 1}`, { number: index }).replace('triggers spamtrap', `triggers ${name}`),
    );
    world.write(...lines, trapLine('198.51.100.1'));
    const clients = names.map((_, index) => `203.0.113.${index + 1}`);
    await onlyBanned(world, clients, 20_000);
    must(hitsOf(world) === clients.toSorted((one, other) => one.localeCompare(other)).join(' '), 'hits are lost or double');
  },
  {
    started: false,
    hit: (world, client) => world.write(trapLine(client, { number: 9 }).replace('triggers spamtrap', 'triggers own-0')),
  },
);
