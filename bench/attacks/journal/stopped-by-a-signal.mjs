// journalctl is stopped (SIGSTOP) and ignores every signal that can be ignored; then the daemon has to stop.
import { execFileSync, spawnSync } from 'node:child_process';
import { slowness } from '../lib/attack.mjs';
import { attackJournal } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal(
  'the daemon ends in time although journalctl is stopped, and no journalctl outlives it',
  async (world, journal) => {
    journal.program('journalctl', `trap '' TERM HUP INT PIPE\n${journal.honest} "$@"`);
    await journal.start();
    journal.hit('203.0.113.1');
    await onlyBanned(world, ['203.0.113.1']);
    const children = execFileSync('pgrep', ['-f', journal.file], { encoding: 'utf8' }).trim().split('\n').map(Number);
    for (const child of children) process.kill(child, 'SIGSTOP');
    const { code, took } = await world.stop();
    must(code === 0 && took < 2500 * slowness(), `code ${code} after ${took} ms`);
    must(spawnSync('pgrep', ['-f', journal.file]).status === 1, 'journalctl still runs');
  },
  { after: false },
);
