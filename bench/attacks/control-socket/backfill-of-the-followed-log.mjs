// Somebody backfills the log that the daemon follows, three times at once, while it grows.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { trapline } from '../lib/control-socket.mjs';
import { hosts } from '../lib/firewall.mjs';

await attack('a backfill of the followed log counts no hit twice', async (world) => {
  const clients = hosts(60);
  const write = (from, to) =>
    world.write(...clients.slice(from, to).map((client, index) => trapLine(client, { number: from + index })));
  write(0, 40);
  const words = ['backfill', '--config', world.config, '--socket', world.socket, world.log];
  const running = Array.from({ length: 3 }, () => trapline(world, words));
  for (let from = 40; from < 60; from += 1) write(from, from + 1);
  for (const { code, err } of await Promise.all(running)) must(code === 0, `a backfill ended with ${code}: ${err}`);
  await eventually('every line is read', async () => (await world.status()).hits >= 60);
  await onlyBanned(world, clients);
  const [{ hits }] = world.rows('SELECT count(*) AS hits FROM hits');
  must(hits === 60, `${hits} hits are on record instead of 60`);
});
