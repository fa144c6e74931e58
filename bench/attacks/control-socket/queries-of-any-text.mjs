// A client requests the bans inside texts that are no networks, and sends parameters that are repeated, unknown, encoded or very long.
import { attack, must } from '../lib/attack.mjs';
import { exchange, request } from '../lib/control-socket.mjs';

await attack('a query of any text is answered in one line', async (world) => {
  await world.ban(['203.0.113.5']);
  const refused = [
    'within=',
    'within',
    'within=x',
    'within=203.0.113.0/24&within=203.0.113.0/24',
    'within=%00',
    'within=%ff%fe',
    'within=%E2%80%AE',
    `within=${'9'.repeat(15_000)}`,
    'Within=203.0.113.0/24',
    'within=203.0.113.0%2F24%0A',
    'x=1',
    '__proto__=1',
    'within=203.0.113.0/24;x',
    '?within=1',
    `${'a&'.repeat(7000)}b`,
    'within=1e3',
    'within=203.0.113.5%25lo',
  ];
  for (const query of refused) {
    const { status, body } = await exchange(world.socket, request('GET', `/v1/bans?${query}`));
    must(
      status === 400 && /^[^\p{C}]+$/u.test(body.error),
      `${query.slice(0, 60)}: ${status} ${JSON.stringify(body)?.slice(0, 200)}`,
    );
  }
  for (const query of [
    '',
    'within=203.0.113.0/24',
    'within=203.0.113.0%2f24',
    'within=%32%30%33.0.113.5',
    'within=0.0.0.0/0',
    'within=::ffff:203.0.113.5',
    'within=203.0.113.5',
  ]) {
    const { status, body } = await exchange(world.socket, request('GET', `/v1/bans?${query}`));
    must(status === 200 && body.bans.length === 1, `${query}: ${status} ${JSON.stringify(body)}`);
  }
});
