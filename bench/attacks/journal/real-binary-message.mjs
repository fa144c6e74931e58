// Clients put control characters, invalid UTF-8, NUL and right-to-left marks into their HELO; journalctl prints such messages as arrays of bytes.
import { attackJournald, hitsOf, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

const HELOS = [
  [0x01, 0x1b, 0x5b, 0x32, 0x4a],
  [0xff, 0xfe, 0xc3],
  [0x00, 0x61],
  [0xe2, 0x80, 0xae],
  [0xed, 0xa0, 0x80],
];

await attackJournald('bytes that are not text change neither the address nor the number of hits', async (world, journal) => {
  const entries = HELOS.map((helo, index) => {
    const [before, behind] = messageOf(`203.0.113.${index + 1}`, index).split('c.example.org');
    return journal.hitOf('', index, Buffer.concat([Buffer.from(before), Buffer.from(helo), Buffer.from(behind)]));
  });
  journal.send(entries);
  const clients = HELOS.map((_, index) => `203.0.113.${index + 1}`);
  await onlyBanned(world, clients);
  must(hitsOf(world) === clients.join(' '), `hits: ${hitsOf(world)}`);
});
