// SIGHUP arrives while the configuration is missing, is a folder, a pipe or a loop of links, is not UTF-8, is too long, or has a fault.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';

await attack('each broken configuration is refused in one line, and the running one stays', async (world) => {
  const good = readFileSync(world.config);
  const broken = [
    () => {},
    () => writeFileSync(world.config, ': : :\n\t- {'),
    () => mkdirSync(world.config),
    () => execFileSync('mkfifo', [world.config]),
    () => writeFileSync(world.config, Buffer.alloc(4096, 0xff)),
    () => writeFileSync(world.config, '# '.padEnd(2 ** 21, 'x')),
    () => writeFileSync(world.config, 'defaults: { bantime: 0s }\n'),
    () => execFileSync('ln', ['-s', world.config, world.config]),
  ];
  for (const make of broken) {
    rmSync(world.config, { recursive: true });
    make();
    const before = world.said.length;
    world.child.kill('SIGHUP');
    await eventually('the refusal', () => world.said.slice(before).includes('the running configuration stays'));
    const said = world.said.slice(before).trim();
    must(said.split('\n').length === 1, `the refusal is not one line: ${said}`);
    rmSync(world.config, { recursive: true, force: true });
    writeFileSync(world.config, good);
    must((await world.ban(['203.0.113.1'])).bans.length === 1, 'the ban was not set');
  }
  const before = world.said.length;
  world.child.kill('SIGHUP');
  await eventually('the reload', () => world.said.slice(before).includes('configuration read again'));
});
