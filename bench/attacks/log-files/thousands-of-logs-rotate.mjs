// Two thousand logs that match one pattern are rotated at once, and two hundred of them have a hit before and after the rotation.
import { renameSync, writeFileSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
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
    must(descriptors(world) < 400, `${descriptors(world)} descriptors are open`);
  },
  inFile('7.log'),
);
