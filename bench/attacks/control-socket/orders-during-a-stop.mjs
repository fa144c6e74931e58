// The daemon gets SIGTERM while two hundred ban requests arrive; then it starts again.
import { attack, must } from '../lib/attack.mjs';

await attack('a ban that was acknowledged before the stop is in force after the start', async (world) => {
  const orders = Array.from({ length: 200 }, (_, index) => ({ network: `203.0.113.${index + 1}`, done: false }));
  const sent = orders.map(async (order, index) => {
    await new Promise((resolve) => void setTimeout(resolve, index));
    await world.ban([order.network]);
    order.done = true;
  });
  setTimeout(() => world.child.kill('SIGTERM'), 60);
  await Promise.allSettled(sent);
  const { code } = await world.stop();
  must(code === 0, `the stop ended with ${code}`);
  await world.start();
  const bans = new Set((await world.bans()).map(({ network }) => network));
  const lost = orders.filter(({ network, done }) => done && !bans.has(network));
  must(lost.length === 0, `${lost.length} acknowledged bans are lost`);
});
