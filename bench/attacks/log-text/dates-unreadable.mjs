// Lines have dates that do not exist: 30 February, hour 25, month 13, second 61.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('a hit with a date that does not exist counts as now', async (world) => {
  const dates = [
    'Feb 30 10:00:00',
    'Nov 99 10:00:00',
    'Xyz 10 10:00:00',
    'Jan  0 10:00:00',
    'Jan 10 25:00:00',
    'Jan 10 10:60:00',
    'Jan 10 10:00:61',
  ];
  dates.push(
    '2026-02-30T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-00-10T10:00:00Z',
    '2026-01-10T99:99:99Z',
    '0000-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
  );
  dates.push('Feb 29 2025 10:00:00');
  world.write(...dates.map((date, index) => hitLine(`203.0.113.${index + 1}`, { date })));
  await onlyHits(world, Object.fromEntries(dates.map((_, index) => [`203.0.113.${index + 1}`, 1])));
});
