// Nobody reads the outputs of the daemon while it writes millions of lines; then a reader reads again.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';

const networks = Array.from(
  { length: 5000 },
  (_, index) => `2001:db8:${(index >> 12).toString(16)}:${(index & 4095).toString(16)}::/64`,
);

await attack(
  'log lines that nobody reads do not fill the memory, and the next reader gets the number of missing lines',
  async (world) => {
    world.child.stdout.pause();
    const rounds = async (count) => {
      for (let round = 0; round < count; round += 1) {
        await world.ban(networks);
        await world.ask('DELETE', '/v1/bans', { all: true });
      }
    };
    await rounds(6);
    must(world.memory().most < 300, `${world.memory().most} MiB`);
    world.child.stdout.resume();
    await eventually('the reader has taken all lines', async () => {
      await world.ban(['2001:db8:ffff::/64']);
      await world.ask('DELETE', '/v1/bans', { all: true });
      return /[1-9]\d* lines are missing before this line, because no program read them/.test(world.said);
    });
  },
  { config: 'actions: [print]', after: false },
);
