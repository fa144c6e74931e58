// The daemon is started without any environment variable, and then with invalid values of environment variables.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const ABSURD = [
  'HOME=/nonexistent',
  'TMPDIR=/proc/nothing',
  'TZ=:/etc/passwd',
  'LC_ALL=xx_YY.utf-999',
  'LANG=\u{1b}[2J',
  'PATH=',
  'NOTIFY_SOCKET=relative/path',
  'WATCHDOG_USEC=-1',
  'WATCHDOG_PID=none',
  'LISTEN_FDS=999',
  'LISTEN_PID=x',
  'LISTEN_FDNAMES=::::',
  'JOURNAL_STREAM=9:9',
  `JUNK=${'x'.repeat(100_000)}`,
];

await attack(
  'with an empty and with an invalid environment, the daemon starts, bans and stops',
  async (world) => {
    const clients = [];
    for (const words of [[], ABSURD]) {
      world.before = ['env', '-i', ...words];
      await world.start();
      clients.push(`203.0.113.${clients.length + 1}`);
      world.write(trapLine(clients.at(-1), { number: clients.length }));
      await onlyBanned(world, clients);
      const { code } = await world.stop();
      must(code === 0, `it ended with ${code}`);
    }
    must(!/ {4}at |undefined|NaN/.test(world.said), `its output: ${world.said}`);
    await world.start();
  },
  { started: false },
);
