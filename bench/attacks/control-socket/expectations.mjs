// Clients send `Expect: 100-continue`, or an expectation that HTTP does not define, and send the body later or never.
import { attack, onlyBanned, must } from '../lib/attack.mjs';
import { banOf, exchange, mustRefuse, open, request } from '../lib/control-socket.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';

await attack('a client that expects 100 Continue gets it, and an unknown expectation is refused', async (world) => {
  const body = banOf('203.0.113.5');
  const head = request('POST', '/v1/bans', '', `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n`);
  const client = open(world.socket, head);
  await eventually('the 100 came', () => client.received().startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
  client.socket.write(body);
  must((await client.closed).includes('HTTP/1.1 200 OK'), `the ban was not taken: ${client.received()}`);
  for (const expected of ['200-ok', '\u00e9', 'x'.repeat(5000)]) {
    mustRefuse(
      await exchange(world.socket, request('POST', '/v1/bans', '', `Expect: ${expected}\r\nContent-Length: 5\r\n`)),
      417,
      expected.slice(0, 30),
    );
  }
  const old = await exchange(
    world.socket,
    `POST /v1/bans HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  must(old.text.includes(' 200 '), `HTTP/1.0: ${old.text.slice(0, 100)}`);
  await onlyBanned(world, ['203.0.113.5']);
});
