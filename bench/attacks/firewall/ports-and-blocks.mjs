// The operator configures every kind of `ports` and `block`; a banned client and a client without a ban send packets over loopback.
import { attack, must } from '../lib/attack.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';

const PROBE = `const s = require('net').connect({ host: '203.0.113.9', port: Number(process.argv[1]), localAddress: process.argv[2] });
  const say = (word) => { console.log(word); process.exit(); };
  s.on('error', (e) => say(e.code)); s.on('connect', () => say('open')); setTimeout(() => say('silence'), 1200);`;

await attack(
  'a ban closes only the configured ports, and only to the banned client',
  async (world) => {
    world.run('ip', 'addr', 'add', '203.0.113.9/32', 'dev', 'lo');
    world.run('ip', 'addr', 'add', '198.51.100.1/32', 'dev', 'lo');
    world.run('ip', 'addr', 'add', '198.51.100.2/32', 'dev', 'lo');
    const probe = (port, from) => world.run(process.execPath, '-e', PROBE, String(port), from).trim();
    const rule = 'add table inet trapline-test';
    world.run('nft', rule);
    const cases = [
      ['', 'silence', 'ECONNREFUSED'],
      ['block: reject', 'ECONNREFUSED', 'ECONNREFUSED'],
      ['ports: all', 'silence', 'silence'],
      ['ports: [80]', 'ECONNREFUSED', 'silence'],
    ];
    for (const [options, at25, at80] of cases) {
      world.configure(`actions: [{ type: nftables${options ? `, ${options}` : ''} }]`);
      await world.start();
      world.run('nft', 'add', 'element', 'inet', 'trapline', 'ipv4_32', '{ 198.51.100.1 }');
      must(probe(25, '198.51.100.1') === at25, `port 25 with "${options}"`);
      must(probe(80, '198.51.100.1') === at80, `port 80 with "${options}"`);
      for (const port of [25, 80])
        must(probe(port, '198.51.100.2') === 'ECONNREFUSED', `another client, port ${port}, "${options}"`);
      await world.stop();
    }
    await eventually('the daemon starts again', () => world.start().then(() => true));
  },
  { started: false },
);
