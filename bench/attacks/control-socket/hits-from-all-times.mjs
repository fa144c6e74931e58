// A client sends hits dated at the first and at the last instant of a JavaScript date, and dated in fractions.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitLine, mustRefuse, sendHits } from '../lib/control-socket.mjs';

await attack('whatever the date of a hit, its ban ends at most one ban time from now', async (world) => {
  await sendHits(
    world,
    [0, 1, 8.64e15, Date.now() + 3_500_000].map((at, number) => hitLine(`203.0.113.${number + 1}`, number, { at })).join(''),
  );
  for (const at of [-1, 8_640_000_000_000_001, 1.5, 'now', null, Number.POSITIVE_INFINITY, true])
    mustRefuse(await sendHits(world, hitLine('203.0.113.9', 9, { at })), 400, String(at));
  await onlyBanned(world, ['203.0.113.3', '203.0.113.4']);
  for (const { network, until } of await world.bans())
    must(Date.parse(until) < Date.now() + 7_300_000, `${network} is banned until ${until}`);
});
