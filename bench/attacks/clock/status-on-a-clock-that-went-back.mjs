// The clock is set back by a year; then the commands `status`, `bans`, `reload` and `ban` are run.
import { clockAttack, command, DAY, says } from '../lib/clock.mjs';
import { must } from '../lib/attack.mjs';

await clockAttack('after the clock was set back, every command succeeds and shows no negative time', async (world, clock) => {
  await world.ban(['203.0.113.1'], { duration: 3600_000 });
  clock.ahead = -365 * DAY;
  await says(world, 'the clock was set back by');
  const status = command(world, ['status']);
  must(status.code === 0 && /runs as process \d+ for 0s:/.test(status.stdout), status.stdout + status.stderr);
  const bans = command(world, ['bans']);
  must(/203\.0\.113\.1 .* (1h|59m \d+s)/.test(bans.stdout), bans.stdout);
  must(command(world, ['reload']).code === 0, 'the reload fails');
  must(command(world, ['ban', '203.0.113.2', '--for', '10m']).code === 0, 'ban fails');
  must(!/-\d+[smhdw]|NaN|Invalid/.test(command(world, ['bans']).stdout), command(world, ['bans']).stdout);
});
