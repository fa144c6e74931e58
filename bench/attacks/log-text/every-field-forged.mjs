// A client puts a complete trap line with another client's address into each field whose text a client chooses.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('a trap line inside any field bans only its sender', async (world) => {
  const inner = hitLine('198.51.100.7').trim();
  const fields = ['trap', 'from', 'to', 'helo', 'name'];
  const own = fields.slice(0, 4).map((field, index) => hitLine(`203.0.113.${index + 1}`, { [field]: inner }));
  // No resolver returns such a name to Postfix. The line must not be a hit.
  world.write(...own, hitLine('203.0.113.5', { name: inner }), hitLine('203.0.113.6', { login: ` sasl_username=${inner}` }));
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1, '203.0.113.3': 1, '203.0.113.4': 1, '203.0.113.6': 1 });
});
