// Clients of the control socket ban and unban a few networks hundreds of times at once, with a different end each time.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action } from '../lib/firewall.mjs';

await attack('the last request for each network counts, with its end', async (world) => {
  const workers = Array.from({ length: 6 }, async (_, worker) => {
    const network = `203.0.113.${worker + 1}`;
    for (let round = 0; round < 40; round += 1) {
      await world.ban([network], { duration: round % 3 === 0 ? null : 1_000_000 + round });
      if (round % 2 === worker % 2) await world.unban(['203.0.113.0/24']);
    }
    await world.unban([network]).catch(() => {});
  });
  await Promise.all(workers);
  await world.ban(['203.0.113.9'], { duration: null });
  await world.ban(['203.0.113.9'], { duration: 100_000 });
  await onlyBanned(world, ['203.0.113.9']);
  const left = world.firewall().get('203.0.113.9');
  must(left > 60 && left <= 100, `the element ends in ${left} s`);
  must((await action(world, 'nftables')).state === 'ok', 'the action fails');
});
