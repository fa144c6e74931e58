// An operator gives moments for --since and --until that do not exist.
import { clockAttack, command } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';

const REFUSED = [
  '2026-02-29',
  '2026-02-30',
  '2026-04-31T10:00:00Z',
  '2026-11-31',
  '2026-13-01',
  '2026-00-01',
  '2026-11-25T25:00:00Z',
  '999999-01-01',
  '26-11-25',
  '2026-1-5',
  'tomorrow',
  '',
  '2026-11-25 soon',
  '-1d',
  '90',
];

await clockAttack('a moment that does not exist is refused in one line, and nothing is read', async (world, clock) => {
  const input = trapLine('203.0.113.1', { at: clock.now() });
  for (const flag of ['--since', '--until']) {
    for (const words of REFUSED) {
      const { code, stdout, stderr } = command(world, ['backfill', '-', ...(words === '' ? [flag, ''] : [`${flag}=${words}`])], {
        input,
      });
      must(code === 64 && stdout === '', `${flag} ${words} ends with ${code}`);
      must(stderr.startsWith('trapline: ') && stderr.trim().split('\n').length === 1, `${flag} ${words}: ${stderr}`);
    }
  }
  await onlyBanned(world, []);
  for (const words of ['2024-02-29', '2026-11-25T08:00:00+14:00', '7d', '0001-01-01']) {
    const { code, stderr } = command(world, ['backfill', '-', `--since=${words}`], { input });
    must(code === 0, `--since ${words}: ${code} ${stderr}`);
  }
  await onlyBanned(world, ['203.0.113.1']);
});
