// nft ends with an error, and prints nothing, or prints control characters or very long text.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, fake } from '../lib/firewall.mjs';

const WORDS = [
  "''",
  "'\\e[2J\\e]0;x\\a\\n\\n'",
  "'\\xff\\xfe\\x00\\n'",
  "'\\u202eabc\\u2028\\n'",
  "'# only a comment\\n'",
  "'   \\n\\r\\n'",
];

await attack(
  'whatever a failing nft prints is reported in one printable line, and the bans are set later',
  async (world) => {
    fake(
      world,
      'nft',
      'if [ -e $HERE/fails ]; then printf "$(cat $HERE/fails)" >&2; head -c 300000 /dev/zero | tr "\\0" x >&2; exit 3; fi; exec $REAL "$@"',
    );
    await world.start();
    const clients = [];
    for (const [number, words] of WORDS.entries()) {
      writeFileSync(join(world.folder, 'fails'), words.slice(1, -1));
      clients.push(`203.0.113.${number + 1}`);
      world.run('nft', 'flush ruleset');
      world.write(trapLine(clients.at(-1), { number }));
      const { lastError } = await eventually('the action fails', async () => {
        const state = await action(world, 'nftables');
        return state.state === 'failing' && state;
      });
      must(/^[^\p{C}]{10,700}$/u.test(lastError), `the error is not one line: ${JSON.stringify(lastError)}`);
      rmSync(join(world.folder, 'fails'));
      await eventually('the action works again', async () => (await action(world, 'nftables')).state === 'ok', 20_000);
    }
    must(!/[^\P{C}\n]/u.test(world.said), 'the log has control characters');
    await onlyBanned(world, clients, 15_000);
  },
  { started: false, config: 'sync: 1s' },
);
