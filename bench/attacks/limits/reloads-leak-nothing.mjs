// The configuration is read again forty times, with sources, jails and intervals that change each time.
import { writeFileSync } from 'node:fs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { children, descriptors } from '../lib/limits.mjs';

await attack('forty reloads leak no descriptor, no child process and no memory', async (world) => {
  const round = async (number) => {
    const other = `${world.log}.${number % 3}x`;
    writeFileSync(other, '');
    const sources = [world.log, other].map((path) => `{ type: file, path: '${path}', from: start }`).join(', ');
    world.configure(
      `sources: [${sources}]\nsyslog_names: [postfix*]\nsync: ${10 + (number % 5)}s\njails: { spamtrap: { maxretry: 1 }, other-${number % 7}: { maxretry: 9 } }`,
    );
    await world.reload();
  };
  for (let number = 0; number < 8; number += 1) await round(number);
  const before = { descriptors: descriptors(world).length, children: children(world).length, memory: world.memory().now };
  for (let number = 0; number < 40; number += 1) await round(number);
  world.write(trapLine('203.0.113.1'));
  await onlyBanned(world, ['203.0.113.1']);
  must(
    descriptors(world).length <= before.descriptors + 3,
    `${before.descriptors} descriptors became ${descriptors(world).length}`,
  );
  must(children(world).length <= before.children + 1, `${before.children} children became ${children(world).length}`);
  must(world.memory().now < before.memory + 120, `${before.memory} MiB became ${world.memory().now} MiB`);
});
