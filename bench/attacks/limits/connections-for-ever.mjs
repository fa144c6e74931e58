// Two hundred clients each open a connection and send a byte of a request every 100 ms. Half of them disconnect, the rest goes on until the daemon stops.
import { connect } from 'node:net';
import { once } from 'node:events';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { descriptors } from '../lib/limits.mjs';

await attack(
  'clients that never finish a request delay neither bans nor the stop, and leak no descriptor',
  async (world) => {
    const before = descriptors(world).length;
    const sockets = [];
    for (let index = 0; index < 200; index += 1) {
      const socket = connect(world.socket).on('error', () => {});
      await once(socket, 'connect');
      socket.write('GET /v1/bans HTTP/1.1\r\nHost: x\r\nX: ');
      sockets.push(socket);
    }
    const drip = setInterval(() => sockets.forEach((socket) => socket.write('y')), 100);
    try {
      world.write(...[1, 2, 3].map((number) => trapLine(`203.0.113.${number}`, { number })));
      await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
      must((await world.status()).bans === 3, 'the status has another number of bans');
      for (const socket of sockets.splice(0, 100)) socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 500));
      must(descriptors(world).length <= before + 110, `${descriptors(world).length} descriptors`);
      const { code, took } = await world.stop();
      must(code === 0 && took < 2500 * slowness(), `code ${code} after ${took} ms`);
    } finally {
      clearInterval(drip);
      for (const socket of sockets) socket.destroy();
    }
  },
  { after: false },
);
