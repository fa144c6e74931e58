// NOTIFY_SOCKET and WATCHDOG_USEC have invalid values.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const NONSENSE = [
  ['NOTIFY_SOCKET=/nowhere/notify', 'WATCHDOG_USEC=1000000'],
  ['NOTIFY_SOCKET=/etc/passwd', 'WATCHDOG_USEC=-1'],
  ['NOTIFY_SOCKET=relative', 'WATCHDOG_USEC=99999999999999999999'],
  ['NOTIFY_SOCKET=@nobody-listens-here', 'WATCHDOG_USEC=abc'],
  ['NOTIFY_SOCKET=/dev/null', 'WATCHDOG_USEC=0', 'WATCHDOG_PID=1'],
  [`NOTIFY_SOCKET=/${'x'.repeat(200)}`, 'WATCHDOG_USEC='],
  ['NOTIFY_SOCKET=', 'WATCHDOG_USEC=1000'],
];

await attack(
  'each kind of failed notification is reported in one line, and the daemon works',
  async (world) => {
    for (const [index, variables] of NONSENSE.entries()) {
      const before = world.said.length;
      world.before = ['env', ...variables];
      await world.start();
      world.write(trapLine(`203.0.113.${1 + index}`, { number: index }));
      await onlyBanned(
        world,
        NONSENSE.slice(0, index + 1).map((_, last) => `203.0.113.${1 + last}`),
      );
      const { code } = await world.stop();
      must(code === 0, `${variables.join()}: the daemon ended with ${code}`);
      const said = world.said
        .slice(before)
        .split('\n')
        .filter((line) => line.startsWith('systemd-notify'));
      must(said.length <= 3, `${variables.join()}: ${said.join()}`);
      must(!/\n\s+at /.test(world.said), world.said);
    }
    world.before = [];
    await world.start();
  },
  { started: false },
);
