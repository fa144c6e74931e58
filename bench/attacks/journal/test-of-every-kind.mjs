// `trapline test` reads an export of the journal from a pipe, with absurd entries and control characters of a terminal in a hit. It prints only the
// hits and a summary, without --all.
import { spawnSync } from 'node:child_process';
import { PROGRAM } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a test of an export prints one clear line for each hit and changes nothing', async (world, journal) => {
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
  must(
    printed.length === 2 && printed[0].startsWith('2: hit by 203.0.113.1, ') && printed[1] === '7 lines, 1 hit, 1 ban',
    `it printed: ${stdout}`,
  );
  // oxlint-disable-next-line no-control-regex -- characters that control a terminal
  must(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(stdout), 'the test printed control characters');
  await onlyBanned(world, []);
});
