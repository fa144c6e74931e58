// `trapline test` reads an export of the journal with invalid entries, and with terminal control characters in a hit, from a pipe.
import { spawnSync } from 'node:child_process';
import { PROGRAM } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('`trapline test` prints one printable line for each entry and changes nothing', async (world, journal) => {
  await journal.start();
  const hit = journal.entry('203.0.113.1', {
    MESSAGE: [...Buffer.from(messageOf('203.0.113.1').replace('<trap@', '<\u{1b}[2Jtrap\u{202e}@'))],
  });
  const lines = [hit, { ...hit, _UID: '1000' }, { ...hit, MESSAGE: null }].map((entry) => JSON.stringify(entry));
  const input = ['\ufeff', ...lines, '{', '\0', '['.repeat(100_000)].join('\n').replace('\ufeff\n', '\n');
  const [program, ...args] = world.inside(...PROGRAM, 'test', '--config', world.config, '-');
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input });
  must(status === 0 && stderr === '', `${status}: ${stderr}`);
  const printed = stdout.split('\n').slice(0, -1);
  must(printed.length === 5 && printed.filter((line) => line.includes('203.0.113.1')).length === 1, `the test printed: ${stdout}`);
  // oxlint-disable-next-line no-control-regex -- characters that control a terminal
  must(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(stdout), 'the test printed control characters');
  await onlyBanned(world, []);
});
