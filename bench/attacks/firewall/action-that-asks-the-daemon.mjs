// While it bans, an operator's action runs commands of Trapline: it lists the bans, and bans a further address.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, PROGRAM, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { fake, ownAction } from '../lib/firewall.mjs';

await attack(
  'an action can run commands that the daemon answers while the action bans',
  async (world) => {
    const command = PROGRAM.join(' ');
    const places = `--config ${world.config} --state ${world.state} --socket ${world.socket}`;
    const script = fake(
      world,
      'asks',
      `cat > /dev/null; ${command} bans ${places} >> $HERE/asked 2>&1; ${command} ban ${places} --for 1h 198.51.100.9 >> $HERE/asked 2>&1`,
    );
    const step = `[{ argv: [${script}], stdin: '{{#all}}{{text}} {{/all}}' }]`;
    const folder = ownAction(
      world,
      'asks',
      `name: asks\ndescription: x\nopen: []\nban: ${step}\nunban: [{ argv: ['true'] }]\nexamples: [{ verb: open, commands: [] }]`,
    );
    world.configure(`${folder}\nactions: [nftables, asks]`);
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1', '198.51.100.9'], 20_000);
    const asked = await eventually('the list was printed', () => {
      const text = readFileSync(join(world.folder, 'asked'), 'utf8');
      return text.includes('203.0.113.1') && text;
    });
    must(!asked.includes('trapline:'), `a command failed: ${asked}`);
  },
  { started: false },
);
