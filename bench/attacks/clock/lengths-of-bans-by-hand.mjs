// An operator bans by hand for times of every length: zero, a second, a hundred years, more than a hundred years, and for ever.
import { clockAttack, command, DAY, left } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

const REFUSED = ['0', '0s', '36501d', '9999999999w', '-1', '1e9', '1.5h', '1h-', '', ' ', '4294967296s4294967296s', '٣h'];

await clockAttack('a ban by hand lasts as long as requested, or is refused in one line and not set', async (world, clock) => {
  for (const words of REFUSED) {
    const { code, stdout, stderr } = command(world, ['ban', '203.0.113.1', `--for=${words}`]);
    must(code === 64 && stdout === '', `--for ${words} ends with ${code}`);
    must(stderr.startsWith('trapline: ') && stderr.trim().split('\n').length === 1, `--for ${words} prints ${stderr}`);
  }
  await onlyBanned(world, []);
  must(command(world, ['ban', '203.0.113.2', '--for', '36500d']).code === 0, 'a ban of a hundred years is refused');
  must(command(world, ['ban', '203.0.113.3', '--forever']).code === 0, 'a ban for ever is refused');
  must(command(world, ['ban', '203.0.113.4', '--for', '49d17h2m47s']).code === 0, 'the longest time-out of the kernel is refused');
  must(command(world, ['ban', '203.0.113.5', '--for', '1s']).code === 0, 'a ban of a second is refused');
  await onlyBanned(world, ['203.0.113.2', '203.0.113.3', '203.0.113.4']);
  must(Math.abs((await left(world, clock, '203.0.113.2')) - 36_500 * DAY) < 60_000, 'the ban does not last a hundred years');
  must(world.firewall().get('203.0.113.3') === null, 'the element of a ban for ever has a time-out');
});
