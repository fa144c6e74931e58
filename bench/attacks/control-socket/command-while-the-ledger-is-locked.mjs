// An operator gives a wrong path of the socket, so that the commands find no daemon and open its ledger and firewall themselves.
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { mustFail, trapline } from '../lib/control-socket.mjs';

await attack('a command that does not find the running daemon changes nothing', async (world) => {
  await world.ban(['203.0.113.5']);
  const places = ['--config', world.config, '--state', world.state, '--socket', join(world.folder, 'wrong.sock')];
  const file = join(world.folder, 'old.log');
  writeFileSync(file, trapLine('203.0.113.7'));
  const running = [
    ['ban', '203.0.113.6'],
    ['unban', '203.0.113.5'],
    ['backfill', file],
  ].map(async ([verb, ...rest]) => [verb, await trapline(world, [verb, ...places, ...rest])]);
  for (const [verb, result] of await Promise.all(running)) mustFail(result, [69], verb);
  const { code, out } = await trapline(world, ['bans', ...places]);
  must(code === 0 && out.includes('203.0.113.5'), `bans ended with ${code}`);
  await onlyBanned(world, ['203.0.113.5']);
});
