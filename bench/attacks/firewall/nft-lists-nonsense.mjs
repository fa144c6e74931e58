// nft lists plain text, invalid JSON, JSON of other shapes, and networks without a ban.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, fake } from '../lib/firewall.mjs';

const set = (elem) => JSON.stringify({ nftables: [{ set: { name: 'ipv4_32', elem } }, { rule: { expr: ['@ipv4_32'] } }] });
const LISTS = [
  '',
  'x',
  '{',
  'null',
  '[]',
  '{"nftables":null}',
  '{"nftables":[null,7,"x",[]]}',
  '{"nftables":[{"set":null},{"set":{"name":7}}]}',
  '{"nftables":{"length":4}}',
  set([null, 7, [], {}, { elem: null }, { elem: { val: {} } }]),
  set(['0.0.0.0/0', '::/0', '203.0.113.1; flush ruleset', '\u001b[2J', '127.0.0.1']),
  set([{ range: ['203.0.113.1', '203.0.113.9'] }, { prefix: { addr: '203.0.113.0', len: 24 } }]),
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
];

await attack(
  'whatever nft lists, the firewall holds exactly the bans of the ledger',
  async (world) => {
    fake(world, 'nft', 'case "$*" in *-j*list*) if [ -e $HERE/list ]; then exec cat $HERE/list; fi;; esac; exec $REAL "$@"');
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await eventually('the client is banned', () => world.holds(['203.0.113.1']));
    for (const list of LISTS) {
      writeFileSync(join(world.folder, 'list'), list);
      world.run('nft', 'add element inet trapline ipv4_32 { 203.0.113.1 }; delete element inet trapline ipv4_32 { 203.0.113.1 }');
      await eventually(
        `the next comparisons are over: ${list.slice(0, 60)}`,
        async () => {
          const { state, lastError } = await action(world, 'nftables');
          return world.holds(['203.0.113.1']) || (state === 'failing' && /^[^\p{C}]+$/u.test(lastError));
        },
        15_000,
      );
      must(
        !world.said.includes('unexpected') && !world.said.includes('report this'),
        `a bug was logged after: ${list.slice(0, 60)}`,
      );
    }
    world.run('rm', join(world.folder, 'list'));
    await onlyBanned(world, ['203.0.113.1'], 20_000);
  },
  { started: false, config: 'sync: 1s' },
);
