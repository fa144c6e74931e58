// A log that matches a pattern has a name that is not UTF-8, as on old file servers.
import { appendFileSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack } from '../lib/attack.mjs';
import { counted, follow, hit, inFile, put } from '../lib/log-files.mjs';

await attack(
  'a log with a name that is not UTF-8 is reported, and all other logs are read',
  async (world) => {
    const folder = follow(world, '*.log');
    appendFileSync(Buffer.concat([Buffer.from(`${folder}/b`), Buffer.from([0xff, 0xe9]), Buffer.from('.log')]), hit(1));
    put(`${folder}/plain.log`, 2);
    await world.start();
    // Node cannot name the file.
    await eventually('the name is reported', () => /log\/b.*\.log: cannot be read: its name is not UTF-8/.test(world.said));
    await counted(world, 2);
  },
  inFile('plain.log'),
);
