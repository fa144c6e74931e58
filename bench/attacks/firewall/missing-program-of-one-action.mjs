// The programs of one of two actions are not installed on this machine.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, ownAction } from '../lib/firewall.mjs';

await attack(
  'the error of an action without its program gives advice, and the other action sets the bans',
  async (world) => {
    const step = '[{ argv: [no-such-program-of-trapline] }]';
    const folder = ownAction(
      world,
      'missing',
      `name: missing\ndescription: x\ninstall: { no-such-program-of-trapline: the package x }\nopen: ${step}\nban: ${step}\nunban: ${step}\nexamples: [{ verb: open, commands: [{ argv: [no-such-program-of-trapline] }] }]`,
    );
    world.configure(`sync: 1s\n${folder}\nactions: [nftables, missing]`);
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
    await world.ban(['203.0.113.2'], { duration: 1500 });
    await eventually('the short ban is over', () => !world.holds(['203.0.113.2']), 10_000);
    const { lastError, owed } = await action(world, 'missing');
    must(lastError === 'no-such-program-of-trapline: not found, install the package x', lastError);
    must(owed <= 2, `the action owes ${owed}`);
    await onlyBanned(world, ['203.0.113.1']);
  },
  { started: false },
);
