// Commands write long lists into pipes whose readers have ended, into a full disk, and with their outputs closed.
import { execFileSync } from 'node:child_process';
import { attack, must } from '../lib/attack.mjs';

/** Runs a script of bash; the last line of the result is its exit code. */
const run = (script) =>
  execFileSync('bash', ['-c', `set -o pipefail; { ${script}; } 2>&1; echo "code $?"`], { encoding: 'utf8', maxBuffer: 2 ** 28 });

await attack('a command without a reader ends quietly and changes nothing', async (world) => {
  await world.ban(
    Array.from({ length: 20_000 }, (_, index) => `2001:db8:${(index >> 8).toString(16)}:${(index & 255).toString(16)}::/64`),
  );
  const command = `${world.inside(...world.program).join(' ')} bans --config ${world.config} --socket ${world.socket}`;
  const cut = run(`${command} | head -n 1`);
  must(/^\S.*\ncode (?:0|141)\n$/.test(cut), `into a closed pipe: ${cut.slice(0, 300)}`);
  const full = run(`${command} > /dev/full`);
  must(/^trapline: the output cannot be written: ENOSPC.*\ncode 69\n$/.test(full), `into a full disk: ${full.slice(0, 600)}`);
  const closed = run(`${command} >&-`);
  must(!/ {4}at .*trapline/.test(closed) && closed.split('\n').length < 12, `into nothing: ${closed.slice(0, 600)}`);
  must((await world.status()).bans === 20_000, 'bans are missing');
});
