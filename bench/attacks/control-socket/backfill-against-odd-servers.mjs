// A backfill sends its hits to servers that answer too early, refuse the hits, close the connection, or read nothing.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack } from '../lib/attack.mjs';
import { answering, mustFail, standIn, trapline } from '../lib/control-socket.mjs';

const SERVERS = {
  'an early answer': answering(200, '{"hits":1}'),
  'an early list': answering(200, '[]'),
  'an early null': answering(200, 'null'),
  'an early refusal': answering(503, '{"error":"the ledger is full","exitCode":69}'),
  'an early end': (socket) => socket.once('data', () => socket.destroy()),
  'no reading at all': (socket) => {
    socket.pause();
    setTimeout(() => socket.destroy(), 3000).unref();
  },
};

await attack(
  'a backfill reports in one line that its hits were not accepted',
  async (world) => {
    const file = join(world.folder, 'old.log');
    writeFileSync(file, Array.from({ length: 30_000 }, (_, number) => trapLine(`203.0.113.${number % 200}`, { number })).join(''));
    for (const [what, serve] of Object.entries(SERVERS)) {
      const end = await standIn(world.socket, serve);
      const result = await trapline(world, ['backfill', '--config', world.config, '--socket', world.socket, file]);
      mustFail(result, [69], what);
      end();
      rmSync(world.socket, { force: true });
    }
  },
  { started: false, after: false },
);
