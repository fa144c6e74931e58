// An operator's action lists networks without a ban, in many notations, and leaves out the banned networks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, fake, ownAction } from '../lib/firewall.mjs';

await attack(
  'an action gets only networks that Trapline has parsed, whatever the action listed',
  async (world) => {
    writeFileSync(join(world.folder, 'got'), '');
    const script = fake(
      world,
      'lists',
      `case $1 in list) printf '198.51.100.1\\n$(reboot)\\n-D\\n198.51.100.2/24\\n::ffff:198.51.100.3\\n0.0.0.0/0\\n2001:DB8::1\\n\\e[2J\\n%s\\n' "$(head -c 100000 /dev/zero | tr '\\0' 9)";; *) echo "$1: $(cat)" >> $HERE/got;; esac`,
    );
    const step = (verb) => `[{ argv: [${script}, ${verb}], stdin: '{{#all}}{{text}} {{/all}}' }]`;
    const folder = ownAction(
      world,
      'lists',
      `name: lists\ndescription: x\nopen: []\nban: ${step('ban')}\nunban: ${step('unban')}\nlist: [{ argv: [${script}, list], parse: '^(\\S+)$' }]\nexamples: [{ verb: open, commands: [] }]`,
    );
    world.configure(`sync: 1s\n${folder}\nactions: [nftables, lists]`);
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await eventually('the drift is counted', async () => (await action(world, 'lists')).drift >= 2, 15_000);
    const got = readFileSync(join(world.folder, 'got'), 'utf8');
    must(/^(?:(?:ban|unban): [0-9a-f.:/ ]*\n)+$/.test(got), `the action got other text: ${got.slice(0, 300)}`);
    must(got.includes('unban: 198.51.100.1 '), 'an extra network was not taken out');
    await onlyBanned(world, ['203.0.113.1']);
  },
  { started: false },
);
