// PATH has only missing folders, a file, a folder without permission, and empty and relative entries. In two folders, nft is a folder or not
// executable.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack(
  'nft is found in the standard folders although no entry of PATH has it',
  async (world) => {
    const place = (name) => join(world.folder, name);
    for (const name of ['a', 'b', 'c']) mkdirSync(place(name));
    mkdirSync(join(place('a'), 'nft'));
    writeFileSync(join(place('b'), 'nft'), 'not for everybody', { mode: 0o600 });
    writeFileSync(place('file'), '');
    chmodSync(place('c'), 0);
    const long = Array.from({ length: 1000 }, (_, index) => `/nonexistent/${'x'.repeat(50)}${index}`);
    const path = ['', '.', 'relative', place('file'), place('a'), place('b'), place('c'), '/proc/self', ...long];
    world.before = ['env', `PATH=${path.join(':')}`];
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1'], 15_000);
  },
  { started: false },
);
