// Somebody kills journalctl each time it runs, while clients mail the trap.
import { execFileSync } from 'node:child_process';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('no hit is lost although journalctl is killed four times', async (world, journal) => {
  await journal.start();
  const clients = [];
  for (const signal of ['KILL', 'SEGV', 'TERM', 'HUP']) {
    const children = execFileSync('pgrep', ['-f', journal.file], { encoding: 'utf8' }).trim().split('\n').map(Number);
    clients.push(`203.0.113.${clients.length + 1}`);
    for (const child of children.filter((pid) => pid !== world.child.pid)) process.kill(child, `SIG${signal}`);
    journal.hit(clients.at(-1));
    await onlyBanned(world, clients, 15_000);
  }
  must(hitsOf(world) === clients.join(' '), `hits: ${hitsOf(world)}`);
});
