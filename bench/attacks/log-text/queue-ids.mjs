// Queue ids are short, long, of the longest length, or no queue ids at all. A blank before a queue id is allowed, because some relays write two
// blanks before the message.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('every queue id of Postfix is recognised, and no other text is read as a queue id', async (world) => {
  const own = ['NOQUEUE', 'C5620252E59', '4jYzt763YHzLLpS', '00000', 'z'.repeat(24), ' NOQUEUE'];
  const others = ['0000', 'z'.repeat(25), 'NO-QUEUE', 'C562 0252', '', 'C5620252E59: C5620252E59', 'ÄÖÜÄÖ', 'warning'];
  world.write(...own.map((queueId, index) => hitLine(`203.0.113.${index + 1}`, { queueId })));
  world.write(...others.slice(0, -1).map((queueId, index) => hitLine(`198.51.100.${index + 1}`, { queueId })));
  await onlyHits(world, Object.fromEntries(own.map((_, index) => [`203.0.113.${index + 1}`, 1])));
});
