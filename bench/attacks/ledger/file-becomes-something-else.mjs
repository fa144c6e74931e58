// Somebody replaces the ledger by a folder, a pipe, a dangling link, a link to a device and a link to itself, one after the other.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { crash, hit } from '../lib/ledger.mjs';

await attack('no ban is lost when the ledger is replaced by an object that is no ledger', async (world) => {
  const things = [
    () => mkdirSync(world.state),
    () => execFileSync('mkfifo', [world.state]),
    () => symlinkSync('/nowhere/at/all', world.state),
    () => symlinkSync('/dev/zero', world.state),
    () => symlinkSync(world.state, world.state),
  ];
  const all = [];
  for (const [index, make] of things.entries()) {
    const last = index + 1;
    rmSync(world.state, { recursive: true });
    make();
    await world.ban([`198.51.100.${last}`]);
    await hit(world, [`203.0.113.${last}`], last, last);
    all.push(`198.51.100.${last}`, `203.0.113.${last}`);
    rmSync(`${world.state}.found`, { recursive: true, force: true });
  }
  await onlyBanned(world, all);
  await crash(world);
  await onlyBanned(world, all);
});
