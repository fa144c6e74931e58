// No descriptor is free during a reload, while a client mails the trap.
import { connect } from 'node:net';
import { once } from 'node:events';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { lowestFree, setLimit } from '../lib/limits.mjs';

await attack('a reload without a free descriptor fails in one line and changes nothing', async (world) => {
  const socket = connect(world.socket);
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (text) => (answer += text));
  setLimit(world, 'nofile', lowestFree(world));
  socket.write('POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  world.write(trapLine('203.0.113.1'));
  await once(socket, 'close');
  setLimit(world, 'nofile', 1024);
  const body = answer.split('\r\n\r\n')[1] ?? '';
  must(
    /^HTTP\/1\.1 (?:422|503|500) /.test(answer) && /EMFILE|descriptor/.test(body) && !/bug|undefined/.test(body),
    `it answered: ${answer}`,
  );
  await onlyBanned(world, ['203.0.113.1'], 30_000);
  await world.reload();
});
