// Besides nftables, the configuration has sixty actions of the operator. Thirty of them fail.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

await attack(
  'thirty actions that fail delay neither nftables nor the thirty actions that work',
  async (world) => {
    const folder = join(world.folder, 'actions');
    mkdirSync(folder);
    const names = Array.from({ length: 60 }, (_, index) => `own-${index}`);
    for (const [index, name] of names.entries()) {
      const argv = index % 2 === 0 ? `[tee, -a, '${folder}/${name}.txt']` : '[/bin/false]';
      const command = `\n  - argv: ${argv}\n    stdin: |\n      {{#all}}\n      {{text}}\n      {{/all}}\n`;
      const example = `examples:\n  - verb: ban\n    entries: { 192.0.2.7: 10m }\n    commands:\n      - argv: ${argv}\n        stdin: |\n          192.0.2.7\n`;
      writeFileSync(
        join(folder, `${name}.yaml`),
        `name: ${name}\ndescription: Writes a file\nopen: []\nban:${command}unban:${command}replace:${command}${example}`,
      );
    }
    world.configure(`actions_folder: '${folder}'\nactions: [nftables, ${names.join(', ')}]`);
    await world.start(40_000);
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1'], 10_000);
    const works = (name) =>
      existsSync(join(folder, `${name}.txt`)) && readFileSync(join(folder, `${name}.txt`), 'utf8').includes('203.0.113.1');
    await eventually('the actions that work have the ban', () => names.filter((_, index) => index % 2 === 0).every(works));
    const { actions } = await world.status();
    must(actions.filter(({ state }) => state === 'failing').length === 30, 'the number of failing actions is not thirty');
  },
  { started: false },
);
