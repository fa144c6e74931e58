// One instant is written in every form that a syslogd has: offsets, fractions, commas, small letters, a year.
import { attack, must } from '../lib/attack.mjs';
import { bsd, hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('whatever the form of a date, the ban has the correct end', async (world) => {
  const at = Math.floor(Date.now() / 1000) * 1000 - 60_000;
  const wall = (offset) => new Date(at + offset * 60_000).toISOString().slice(0, 19);
  const dates = [
    `${wall(0)}Z`,
    `${wall(0)}z`.replace('T', 't'),
    `${wall(840)}+14:00`,
    `${wall(-720)}-12:00`,
    `${wall(345)}+0545`,
    `${wall(0)}.000000000000000000+00:00`,
  ];
  dates.push(
    `${wall(0)},0Z`,
    bsd(at),
    bsd(at).replace(/^(\w{3}) ( ?\d+)/, (_, month, day) => `${month} ${day.trim().padStart(2, '0')}`),
    `<22>${bsd(at)}`,
    `${bsd(at)}.000`,
  );
  dates.push(`${bsd(at)} <mail.info>`, `<22>${wall(0)}Z`, `${wall(-0)}-00:00`.replace('T', ' '));
  world.write(...dates.map((date, index) => hitLine(`203.0.113.${index + 1}`, { date })));
  await onlyHits(world, Object.fromEntries(dates.map((_, index) => [`203.0.113.${index + 1}`, 1])));
  const ends = world
    .rows('SELECT address, at FROM hits')
    .filter(({ address, at: found }) => address !== '203.0.113.249' && found !== at);
  must(ends.length === 0, `the hit of ${ends[0]?.address} is ${ends[0]?.at - at} ms off`);
});
