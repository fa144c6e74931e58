// Another program at the socket refuses the commands with exit codes and texts that no daemon sends.
import { rmSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
import { answering, mustFail, standIn, trapline } from '../lib/control-socket.mjs';

const BODIES = [
  '{"error":"x","exitCode":0}',
  '{"error":"x","exitCode":-1}',
  '{"error":"x","exitCode":256}',
  '{"error":"x","exitCode":"0"}',
  '{"error":"x","exitCode":1e99}',
  '{"error":{},"exitCode":69}',
  '{"error":"","exitCode":69}',
  '{"error":"a\\nb\\u001b[2J\\u202e","exitCode":69}',
  '{"error":7}',
  'null',
  '[]',
  '<html>',
  '',
];

await attack(
  'whatever the refusal, a command ends with one line and an exit code other than 0',
  async (world) => {
    for (const [index, body] of BODIES.entries()) {
      const end = await standIn(world.socket, answering([500, 404, 204, 302, 503][index % 5], body));
      for (const words of [['bans'], ['ban', '203.0.113.5'], ['reload']]) {
        const result = await trapline(world, [...words, '--socket', world.socket]);
        must(result.code > 1 && result.code < 128, `${words[0]} and the refusal ${body}: ended with ${result.code}`);
        mustFail(result, [result.code], `${words[0]} and the refusal ${body}`);
      }
      end();
      rmSync(world.socket, { force: true });
    }
  },
  { started: false, after: false },
);
