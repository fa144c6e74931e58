// Logs that match a pattern have names with newlines, escape sequences, quotes, blanks, stars, brackets, a leading dash, or Arabic letters.
import { renameSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';
import { cleanLog } from '../lib/log-text.mjs';

const NAMES = [
  'a\nb.log',
  '\u001b[2J.log',
  '"q".log',
  "it's.log",
  ' .log',
  '*.log',
  '[x].log',
  '{a,b}.log',
  '-rf.log',
  '\u202email.log',
  '$(id).log',
  'a\\b.log',
  '.log',
  '...log',
  '!(x).log',
  'ü.log',
  '\ud83d\ude00.log',
  '%s.log',
  'x\r.log',
];

await attack(
  'a log with any name is read, and no message about it has more than one line',
  async (world) => {
    const folder = follow(world, '*.log');
    for (const [index, name] of NAMES.entries()) put(`${folder}/${name}`, index + 1);
    await world.start();
    const all = NAMES.map((_, index) => index + 1);
    await counted(world, ...all);
    for (const [index, name] of NAMES.entries()) {
      renameSync(`${folder}/${name}`, `${folder}/${name}.1`);
      put(`${folder}/${name}`, index + 101);
    }
    const both = [...all, ...all.map((number) => number + 100)];
    await counted(world, ...both);
    await world.kill();
    await world.start();
    await counted(world, ...both);
    cleanLog(world);
    must(
      world.said.split('\n').every((line) => line.length < 500),
      'a message is too long',
    );
  },
  inFile('ü.log'),
);
