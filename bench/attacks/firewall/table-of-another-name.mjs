// The operator changes the name of the table in the configuration, reloads, restarts, and then configures a keyword as the name.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';

await attack('a new table name takes effect at the next start, and a keyword as a name is refused', async (world) => {
  world.write(trapLine('203.0.113.1'));
  await onlyBanned(world, ['203.0.113.1']);
  for (const name of ['table', 'drop', "x'; flush ruleset", 'a b', '', '-f', '{{x}}', '1x', 'x\\ny']) {
    world.configure(`actions: [{ type: nftables, table: ${JSON.stringify(name)} }]`);
    const refused = await world.reload().then(
      () => undefined,
      (thrown) => thrown.message,
    );
    must(refused?.startsWith('422: ') && /^[^\p{C}]+$/u.test(refused), `the table ${JSON.stringify(name)}: ${refused}`);
  }
  world.configure('actions: [{ type: nftables, table: mx.2 }]');
  await world.reload();
  must(world.said.includes('"actions" changed in the configuration; the change takes effect at the next start'), 'no warning came');
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  await world.stop();
  world.run('nft', 'flush', 'ruleset');
  await world.start();
  const text = world.run('nft', 'list', 'ruleset');
  must(text.includes('table inet mx.2') && text.includes('203.0.113.2') && !text.includes('table inet trapline'), text);
  await world.stop();
  world.configure('');
  await world.start();
});
