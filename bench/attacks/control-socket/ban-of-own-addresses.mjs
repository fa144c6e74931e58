// An operator bans the machine's own addresses by hand with --force, alone and inside wide networks, together with a client.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { exchange, mustRefuse, request } from '../lib/control-socket.mjs';

await attack('no request bans the machine itself, and a refused request sets no ban', async (world) => {
  const forms = [
    '127.0.0.1',
    '127.0.0.0/8',
    '0.0.0.0/0',
    '0.0.0.0/1',
    '::/0',
    '::1',
    '::/1',
    '::ffff:127.0.0.1',
    '64:ff9b::127.0.0.1',
    'fe80::1',
    'fe80::/10',
    '0.0.0.0',
    '203.0.113.5/33',
    '203.0.113.5/',
    '203.0.113.5/-1',
    '203.0.113.005',
    '0x7f.1',
    '2130706433',
    '203.0.113.5/24',
    ' 203.0.113.5 x',
    '203.0.113.5;',
    '',
    '/',
    '%',
  ];
  for (const form of forms) {
    if (form === '203.0.113.5/24') continue; // A host with a prefix length is a network.
    const body = JSON.stringify({ networks: ['203.0.113.6', form], force: true });
    mustRefuse(await exchange(world.socket, request('POST', '/v1/bans', body)), 400, `"${form}"`);
  }
  await onlyBanned(world, []);
});
