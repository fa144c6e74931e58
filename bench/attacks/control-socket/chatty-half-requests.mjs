// Eleven hundred clients send one byte of a request every 300 ms, so that none of them is ever silent.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { open } from '../lib/control-socket.mjs';

await attack('while slow clients fill all connections, a complete request is still answered in time', async (world) => {
  const clients = Array.from({ length: 1100 }, () => open(world.socket, 'GET /v1/status?'));
  const timer = setInterval(() => {
    for (const { socket } of clients) if (socket.writable) socket.write('x');
  }, 300);
  try {
    const begun = performance.now();
    await eventually(
      'a ban is taken',
      () =>
        world.ban(['203.0.113.5']).then(
          () => true,
          () => false,
        ),
      25_000 * slowness(),
    );
    must(performance.now() - begun < 15_000 * slowness(), `the ban took ${Math.round(performance.now() - begun)} ms`);
  } finally {
    clearInterval(timer);
    for (const { socket } of clients) socket.destroy();
  }
});
