// Appends the lines of many clients to the log in one write, and measures the time until all clients are in the firewall.
// By hand: node bench/burst.mjs [--quick]
// Runs as root on Linux. Needs python3 for the program that receives the events of the kernel. The measured programs are started anew for each burst.
import { setTimeout as sleep } from 'node:timers/promises';
import { byHand } from './lib/by-hand.mjs';
import { Fail2ban } from './lib/fail2ban.mjs';
import { firewallMissing, withContenders } from './lib/round.mjs';
import { row } from './lib/rows.mjs';
import { Sshguard } from './lib/sshguard.mjs';
import { median } from './lib/timing.mjs';
import { Trapline } from './lib/trapline.mjs';

export const name = 'Many bans at once';

/** The number of single bans before the burst, which warm up all parts of a program. */
const WARM = 8;

const trapline = () => new Trapline();

export async function run({ quick, log }) {
  const missing = firewallMissing();
  if (missing) return (log(`left out: ${missing}`), []);
  const ipset = () => Sshguard.get('ipset', log);
  const nft = () => Sshguard.get('nft-sets', log);
  const fail2ban = () => Fail2ban.get(log);
  const rounds = quick ? 2 : 5;
  // With --quick the slow programs are left out. For ten thousand clients, fail2ban takes minutes, so it runs only once. sshguard with nftables takes
  // even longer, and is left out.
  const thousand = [
    { make: trapline, rounds },
    { make: ipset, rounds: quick ? 1 : rounds },
    { make: nft, rounds: quick ? 0 : rounds },
    { make: fail2ban, rounds: quick ? 0 : rounds },
  ];
  const tenThousand = [
    { make: trapline, rounds },
    { make: ipset, rounds: quick ? 0 : 1 },
    { make: fail2ban, rounds: quick ? 0 : 1 },
  ];
  return [
    ...(await figures('1,000 clients', 1000, thousand, 0.15, log)),
    ...(await figures('10,000 clients', 10_000, tenThousand, 0.6, log)),
  ];
}

async function figures(what, count, contenders, atMost, log) {
  const bursts = new Map();
  for (let round = 0; contenders.some(({ rounds }) => round < rounds); round += 1) {
    for (const { make } of contenders.filter(({ rounds }) => round < rounds)) {
      await withContenders([make], async ([contender]) => {
        if (!contender) return;
        await contender.start();
        for (let ban = 0; ban < WARM; ban += 1) await contender.ban();
        await sleep(500);
        const burst = await contender.burst(count);
        log(`${what}, ${contender.name}: ${burst.wall.toFixed(2)} s, ${burst.cpu.toFixed(2)} s of processor time`);
        bursts.set(contender.name, [...(bursts.get(contender.name) ?? []), burst]);
      });
    }
  }
  const of = (figure) => [...bursts].map(([title, all]) => [title, median(all.map((burst) => burst[figure]))]);
  return [
    ['wall', `${what}, seconds`, atMost],
    ['cpu', `${what}, CPU seconds`],
  ].map(([figure, title, limit]) => {
    const { trapline: ours, ...peers } = Object.fromEntries(of(figure));
    return row({ what: title, unit: 's', ours, peers, ...(limit && { limit: { atMost: limit } }) });
  });
}

await byHand(import.meta, { name, run });
