// A local user writes twenty thousand hits, each with another name of an smtpd.
import { attack, must } from '../lib/attack.mjs';
import { cleanLog, hitLine, onlyHits } from '../lib/log-text.mjs';

const line = (number) => hitLine('198.51.100.7', { tag: `instance-${number}/smtpd[1]` });

await attack('only ten unknown names are reported, in one line each, and memory does not grow', async (world) => {
  const before = world.memory().now;
  for (let part = 0; part < 10; part += 1) world.write(...Array.from({ length: 2000 }, (_, index) => line(part * 2000 + index)));
  world.write(hitLine('198.51.100.8', { tag: `${'a'.repeat(64)}/${'b'.repeat(64)}/smtpd[1]` }));
  await onlyHits(world, {});
  const notices = world.said.match(/is no name of this Postfix/g)?.length;
  must(notices === 10, `${notices} names were reported`);
  must(world.memory().now - before < 80, `${world.memory().now - before} MiB more memory`);
  cleanLog(world);
});
