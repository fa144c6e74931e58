// The log is replaced by a pipe without a writer, by a folder, by a device and by a socket, and each time by a log again.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdirSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('an object that replaces the log neither blocks nor ends the daemon, and the next log is read', async (world) => {
  const socket = createServer();
  const makers = [
    () => execFileSync('mkfifo', [world.log]),
    () => mkdirSync(world.log),
    () => symlinkSync('/dev/zero', world.log),
    () => once(socket.listen(world.log), 'listening'),
    () => symlinkSync('mail.log', world.log),
    () => symlinkSync('/proc/kmsg', world.log),
  ];
  try {
    for (const [index, make] of makers.entries()) {
      rmSync(world.log, { force: true });
      await Promise.resolve(make());
      await sleep(1200);
      await world.status();
      if (index === 1) rmdirSync(world.log);
      else rmSync(world.log, { force: true });
      put(world.log, index + 1);
      await counted(world, ...makers.slice(0, index + 1).map((_, one) => one + 1));
    }
  } finally {
    socket.close();
  }
  must(
    world.said.split('\n').every((line) => line.length < 400),
    'a message is too long',
  );
});
