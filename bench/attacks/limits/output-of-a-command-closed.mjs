// `trapline bans` writes a long list to a pipe whose reader has ended, to /dev/full, and to a closed standard output.
import { execFileSync } from 'node:child_process';
import { attack, must } from '../lib/attack.mjs';

/** Runs a bash script; the last line of the result has the exit code. */
const run = (script) =>
  execFileSync('bash', ['-c', `set -o pipefail; { ${script}; } 2>&1; echo "code $?"`], { encoding: 'utf8', maxBuffer: 2 ** 28 });

await attack('a command that cannot write its output ends with at most one line and changes nothing', async (world) => {
  await world.ban(
    Array.from({ length: 20_000 }, (_, index) => `2001:db8:${(index >> 8).toString(16)}:${(index & 255).toString(16)}::/64`),
  );
  const command = `${world.inside(...world.program).join(' ')} bans --config ${world.config} --socket ${world.socket}`;
  const cut = run(`${command} | head -n 1`);
  must(/^\S.*\ncode (?:0|141)\n$/.test(cut), `into a closed pipe: ${cut.slice(0, 300)}`);
  const full = run(`${command} > /dev/full`);
  must(/^trapline: the output cannot be written: ENOSPC.*\ncode 69\n$/.test(full), `into a full disk: ${full.slice(0, 600)}`);
  const closed = run(`${command} >&-`);
  must(!/ {4}at .*trapline/.test(closed) && closed.split('\n').length < 12, `into a closed output: ${closed.slice(0, 600)}`);
  must((await world.status()).bans === 20_000, 'bans are missing');
});
