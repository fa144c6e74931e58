// Measures the time of a start with bans on record, and of a stop: node bench/restart.mjs [--quick]
// The time of a start begins when the process is started, and ends when all bans are in the firewall. Before the start, the firewall is empty, as
// after a boot. Runs as root on Linux. Needs python3 for the program that receives the events of the kernel.
import { byHand } from './lib/by-hand.mjs';
import { Fail2ban } from './lib/fail2ban.mjs';
import { firewallMissing, withContenders } from './lib/round.mjs';
import { row } from './lib/rows.mjs';
import { Sshguard } from './lib/sshguard.mjs';
import { median } from './lib/timing.mjs';
import { Trapline } from './lib/trapline.mjs';

export const name = 'A start with bans on record';

export async function run({ quick, log }) {
  const missing = firewallMissing();
  if (missing) return (log(`left out: ${missing}`), []);
  const rounds = quick ? 3 : 5;
  // The other programs take minutes, so they run only once. With --quick they are left out.
  const peers = quick ? [] : [() => Sshguard.get('ipset', log, { blacklist: true }), () => Fail2ban.get(log)];
  const small = await starts([() => new Trapline(), ...peers], 10_000, rounds, log);
  const large = await starts([() => new Trapline()], 100_000, quick ? 1 : rounds, log);
  return [
    figure('10,000 bans', 'wall', small, 0.5),
    figure('10,000 bans, CPU seconds', 'cpu', small),
    figure('100,000 bans', 'wall', large, 2.5),
    figure('100,000 bans, CPU seconds', 'cpu', large),
    figure('stop, with 10,000 bans', 'stop', small, 0.2),
    figure('stop, with 100,000 bans', 'stop', large, 0.2),
  ];
}

/** Returns the figures of all starts of each program, by the name of the program. */
async function starts(makers, count, rounds, log) {
  return withContenders(makers, async (contenders) => {
    const all = {};
    for (const contender of contenders) {
      if (contender instanceof Fail2ban) {
        await contender.start();
        await contender.stop();
      }
      await contender.putBans(count);
      for (let round = 0; round < (contender instanceof Trapline ? rounds : 1); round += 1) {
        contender.forget();
        const start = await contender.restart(count);
        const stop = await contender.stop();
        log(`${contender.name}, ${count} bans: ${start.wall.toFixed(2)} s, stop ${stop.toFixed(2)} s`);
        (all[contender.name] ??= []).push({ ...start, stop });
      }
    }
    return all;
  });
}

function figure(what, which, measured, atMost) {
  const medians = Object.entries(measured).map(([title, list]) => [title, median(list.map((one) => one[which]))]);
  const { trapline, ...peers } = Object.fromEntries(medians);
  return row({ what, unit: 's', ours: trapline, peers, ...(atMost && { limit: { atMost } }) });
}

await byHand(import.meta, { name, run });
