// One host has two logs. The first log ends with a hit, the second with another line. Then "last message repeated N times" is written to the second.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, otherLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { follow } from '../lib/log-files.mjs';
import { bsd, hitLine, THIRD } from '../lib/log-text.mjs';

await attack(
  'repeats are counted for the previous line of the log in which they are reported',
  async (world) => {
    const folder = follow(world, '*.log', THIRD.config);
    const [one, two] = ['one.log', 'two.log'].map((name) => `${folder}/${name}`);
    const read = (lines) => eventually(`${lines} lines are read`, async () => (await world.status()).sources[0]?.lines === lines);
    for (const log of [one, two]) appendFileSync(log, otherLine(1).replace(/^\S+/, bsd()));
    await world.start();
    await read(2);
    appendFileSync(one, hitLine('203.0.113.1', { date: bsd() }));
    await read(3);
    appendFileSync(two, `${bsd()} mx last message repeated 5 times\n`);
    await read(4);
    await sleep(200);
    await onlyBanned(world, []);
    appendFileSync(one, `${bsd()} mx last message repeated 2 times\n`);
    await onlyBanned(world, ['203.0.113.1']);
  },
  { started: false, after: false },
);
