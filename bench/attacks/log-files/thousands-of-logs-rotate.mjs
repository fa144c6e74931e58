// Two thousand logs of one pattern are rotated at once, and a hundred of them have a hit before and behind the rotation. The descriptors are
// counted when the logs have been quiet for ten seconds, because logs with recent lines may stay open.
import { renameSync, writeFileSync } from 'node:fs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { counted, descriptors, follow, inFile, put } from '../lib/log-files.mjs';
import { eventually, otherLine } from '../../../test/support/faults/daemon.mjs';

await attack(
  'a rotation of thousands of logs causes no lost line and no leaked descriptor',
  async (world) => {
    const folder = follow(world, '*.log');
    const path = (number) => `${folder}/${number}.log`;
    const all = Array.from({ length: 2000 }, (_, number) => number);
    for (const number of all) writeFileSync(path(number), otherLine(number));
    await world.start(60_000);
    await eventually('all logs are read', async () => (await world.status()).sources[0]?.lines === 2000, 60_000);
    const some = all.filter((number) => number % 20 === 0);
    for (const number of some) put(path(number), number / 20 + 1);
    for (const number of all) renameSync(path(number), `${path(number)}.1`);
    for (const number of all) writeFileSync(path(number), '');
    for (const number of some) put(path(number), number / 20 + 101);
    await counted(world, ...some.flatMap((number) => [number / 20 + 1, number / 20 + 101]));
    const few = () => descriptors(world) < 200;
    await eventually('fewer than 200 descriptors are open', few, 30_000 * slowness());
    must(few(), `${descriptors(world)} descriptors are open`);
  },
  inFile('7.log'),
);
