// Exports of the journal are read as a backfill while the daemon follows the same journal and its entries still arrive.
import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { PROGRAM } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('backfills of a journal that is followed count no hit twice', async (world, journal) => {
  await journal.start();
  const clients = Array.from({ length: 60 }, (_, index) => `203.0.113.${index + 1}`);
  const done = [];
  for (let at = 0; at < clients.length; at += 20) {
    journal.hit(...clients.slice(at, at + 20));
    await onlyBanned(world, clients.slice(0, at + 20));
    copyFileSync(journal.file, `${journal.file}.${at}`);
    const [program, ...args] = world.inside(
      ...PROGRAM,
      'backfill',
      '--config',
      world.config,
      '--socket',
      world.socket,
      `${journal.file}.${at}`,
    );
    done.push(promisify(execFile)(program, args));
  }
  await Promise.all(done);
  await onlyBanned(world, clients);
  must(hitsOf(world) === clients.toSorted((one, other) => one.localeCompare(other)).join(' '), `hits: ${hitsOf(world)}`);
});
