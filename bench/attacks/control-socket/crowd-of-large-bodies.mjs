// Eight hundred clients each send a body of a megabyte without its last byte, and wait.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { open, request } from '../lib/control-socket.mjs';

await attack('bodies that never end do not fill the memory', async (world) => {
  const length = 1_048_576;
  const bytes = `${request('POST', '/v1/bans', '', `Content-Length: ${length}\r\n`)}${'x'.repeat(length - 1)}`;
  const clients = Array.from({ length: 800 }, () => open(world.socket, bytes));
  let most = 0;
  for (let look = 0; look < 50; look += 1) {
    await sleep(100);
    most = Math.max(most, world.memory().most);
  }
  for (const { socket } of clients) socket.destroy();
  must(most < 512, `the daemon needed ${most} MiB`);
  await onlyBanned(world, []);
});
