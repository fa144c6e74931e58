// A program that is not Trapline answers the commands at the socket, with JSON of the wrong shape.
import { rmSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
import { answering, mustFail, standIn, trapline } from '../lib/control-socket.mjs';

const BODIES = [
  'null',
  '[]',
  '7',
  '"x"',
  '{}',
  '{"bans":null}',
  '{"bans":{"length":1}}',
  '{"bans":[null]}',
  '{"bans":[{}]}',
  '{"bans":[{"network":7,"jail":{},"since":"x","until":[],"offence":"y","reason":null}]}',
  '{"bans":["203.0.113.5"]}',
  '{"sources":7,"jails":[],"actions":[]}',
  '{"sources":[null],"jails":[null],"actions":[null]}',
  '{"version":{},"since":"never","sources":[],"jails":[{"rules":7}],"actions":[]}',
  '',
];

await attack(
  'an answer of the wrong shape is reported in one line',
  async (world) => {
    const commands = [
      ['bans'],
      ['status'],
      ['ban', '203.0.113.5'],
      ['unban', '203.0.113.5'],
      ['bans', '--json'],
      ['status', '--json'],
    ];
    for (const body of BODIES) {
      const end = await standIn(world.socket, answering(200, body));
      const all = commands.map(async (words) => [words, await trapline(world, [...words, '--socket', world.socket])]);
      for (const [words, result] of await Promise.all(all)) mustFail(result, [69], `${words.join(' ')} and the answer ${body}`);
      end();
      rmSync(world.socket, { force: true });
    }
    must(true, '');
  },
  { started: false, after: false },
);
