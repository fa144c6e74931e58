// Networks of all prefix lengths, each inside the next larger network, are banned at once and lifted one by one.
import { attack, must, onlyBanned } from '../lib/attack.mjs';

await attack('networks of all prefix lengths can be banned together', async (world) => {
  const of4 = Array.from({ length: 8 }, (_, index) => index + 24).map((prefix) => `198.51.100.0/${prefix}`);
  const of6 = Array.from({ length: 96 }, (_, index) => index + 32).map((prefix) => `2001:db8::/${prefix}`);
  await world.ban(['198.51.100.0', '2001:db8::', ...of4, ...of6]);
  await onlyBanned(world, ['198.51.100.0', '2001:db8::', ...of4, ...of6]);
  const { bans } = await world.unban(['198.51.100.0/26', '2001:db8::/100']);
  must(bans.length === 7 + 29, `${bans.length} bans were lifted`);
  await onlyBanned(world, [...of4.slice(0, 2), ...of6.slice(0, 68)]);
  await world.ask('DELETE', '/v1/bans', { all: true });
  await onlyBanned(world, []);
});
