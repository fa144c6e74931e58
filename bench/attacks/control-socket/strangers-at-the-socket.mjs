// A user outside of the group of the socket tries to connect to the socket, to remove it, and to put a link in its place.
import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync } from 'node:fs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { mustFail, trapline } from '../lib/control-socket.mjs';

await attack('a user outside of the group can neither open nor replace the socket', async (world) => {
  chmodSync(world.folder, 0o755);
  const { ino, mode } = lstatSync(world.socket);
  must((mode & 0o007) === 0, `the socket has the mode ${mode.toString(8)}`);
  const stranger = ['--reuid=nobody', '--regid=nogroup', '--clear-groups'];
  for (const argv of [
    ['rm', '-f', world.socket],
    ['ln', '-sf', '/etc/passwd', world.socket],
    ['mv', world.socket, '/tmp'],
    ['chmod', '777', world.socket],
  ]) {
    const { status } = spawnSync('setpriv', [...stranger, ...argv], { stdio: 'ignore' });
    must(status !== 0, `${argv[0]} succeeded`);
  }
  world.before = ['setpriv', ...stranger];
  for (const words of [['status'], ['bans'], ['ban', '203.0.113.5'], ['reload']])
    mustFail(await trapline(world, [...words, '--socket', world.socket]), [77], words[0]);
  world.before = [];
  must(lstatSync(world.socket).ino === ino, 'the socket was replaced');
  await onlyBanned(world, []);
});
