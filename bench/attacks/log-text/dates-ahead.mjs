// The clock of a relay is a day, a year or ten thousand years ahead.
import { attack, must } from '../lib/attack.mjs';
import { hitLine, iso, onlyHits } from '../lib/log-text.mjs';

await attack('a date far ahead counts as now, so that the ban has the usual length', async (world) => {
  const dates = [
    iso(Date.now() + 86_400_000),
    iso(Date.now() + 366 * 86_400_000),
    '9999-12-31T23:59:60.999999999999999999Z',
    '9999-12-31T00:00:00-23:59',
  ];
  world.write(...dates.map((date, index) => hitLine(`203.0.113.${index + 1}`, { date })));
  await onlyHits(world, Object.fromEntries(dates.map((_, index) => [`203.0.113.${index + 1}`, 1])));
  for (const { network, until } of await world.bans()) {
    const left = (Date.parse(until) - Date.now()) / 60_000;
    must(left > 50 && left <= 60, `the ban of ${network} lasts ${left} minutes`);
  }
  for (const [address, left] of world.firewall()) must(left <= 3600, `the firewall bans ${address} for ${left} s`);
});
