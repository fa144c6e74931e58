// While the daemon is stopped, a pipe, a folder, a device, a text file and a loop of links get the names of compressed logs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('an object that only has the name of a compressed log neither delays nor ends the daemon', async (world) => {
  put(world.log, 1);
  await counted(world, 1);
  await world.stop();
  execFileSync('mkfifo', [`${world.log}.1.gz`]);
  mkdirSync(`${world.log}.2.gz`);
  symlinkSync('/dev/zero', `${world.log}.3.gz`);
  symlinkSync('mail.log.4.gz', `${world.log}.4.gz`);
  writeFileSync(`${world.log}.5.gz`, 'no gzip\n'.repeat(1000));
  rmSync(world.log);
  put(world.log, 2);
  await world.start();
  await counted(world, 1, 2);
});
