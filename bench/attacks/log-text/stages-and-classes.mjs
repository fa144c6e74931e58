// Traps of every restriction class and stage are hit, also in combinations that Postfix never logs.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

const HITS = [
  ['MAIL', 'Sender address'],
  ['EHLO', 'Helo command'],
  ['CONNECT', 'Client host'],
  ['RCPT', 'Unverified Client host'],
  ['DATA', 'Data command'],
  ['RCPT', 'Client certificate'],
  ['END-OF-MESSAGE', 'End-of-data'],
  ['VRFY', 'Recipient address'],
  ['BDAT', 'Recipient address'],
  ['ETRN', 'Helo command'],
];
const OTHERS = [
  ['MAIL', 'Recipient address'],
  ['RCPT', 'Recipient  address'],
  ['QUIT', 'Sender address'],
  ['RCPT', 'SASL login name'],
  ['ETRN', 'Etrn command'],
  ['rcpt', 'Recipient address'],
  ['RCPT', 'recipient address'],
];

const line = (address, [stage, words]) => hitLine(address).replace('RCPT', stage).replace('Recipient address', words);

await attack('a trap of every restriction class leads to a ban, and no other text does', async (world) => {
  world.write(
    ...HITS.map((one, index) => line(`203.0.113.${index + 1}`, one)),
    ...OTHERS.map((one, index) => line(`198.51.100.${index + 1}`, one)),
  );
  await onlyHits(world, Object.fromEntries(HITS.map((_, index) => [`203.0.113.${index + 1}`, 1])));
});
