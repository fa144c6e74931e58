// Writes one line at a time, and measures the time until the line's address is in the firewall: node bench/live.mjs [--quick]
// Runs as root on Linux. Needs python3 for the program that receives the events of the kernel. Trapline records each ban durably before it sets the
// ban; sshguard records nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { byHand } from './lib/by-hand.mjs';
import { Fail2ban } from './lib/fail2ban.mjs';
import { firewallMissing, percentile, withContenders } from './lib/round.mjs';
import { row } from './lib/rows.mjs';
import { Sshguard } from './lib/sshguard.mjs';
import { median } from './lib/timing.mjs';
import { Trapline } from './lib/trapline.mjs';

export const name = 'One ban, from the line in the log to the address in the firewall';

/** fail2ban takes half a second for a ban, so it takes part only in every fifth round. */
const SELDOM = 5;

export async function run({ quick, log }) {
  const missing = firewallMissing();
  if (missing) return (log(`left out: ${missing}`), []);
  const makers = [
    () => new Trapline(),
    () => Sshguard.get('nft-sets', log),
    () => Sshguard.get('ipset', log),
    () => (quick ? undefined : Fail2ban.get(log)),
  ];
  return withContenders(makers, async (contenders) => {
    for (const contender of contenders) await contender.start();
    const times = new Map(contenders.map((contender) => [contender, []]));
    const rounds = quick ? 15 : 120;
    log(`${rounds} bans each, in turn${quick ? '' : `; fail2ban ${rounds / SELDOM}`}`);
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of contenders) {
        if (contender instanceof Fail2ban && round % SELDOM > 0) continue;
        await sleep(80 + Math.random() * 120);
        times.get(contender).push((await contender.ban()) * 1000);
      }
    }
    const [ours, ...peers] = contenders;
    const figure = (what, of, atMost) =>
      row({
        what,
        unit: 'ms',
        ours: of(times.get(ours)),
        peers: Object.fromEntries(peers.map((peer) => [peer.name, of(times.get(peer))])),
        limit: { atMost },
      });
    return [figure('median', median, 2.5), figure('95th percentile', (all) => percentile(all, 0.95), 8)];
  });
}

await byHand(import.meta, { name, run });
