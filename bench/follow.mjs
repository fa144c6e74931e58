// Measures the cost of following a log without hits: node bench/follow.mjs [--quick]
// Runs as root on Linux. The programs take turns. Each follows a log like that of a busy Postfix: 2,000 lines a second, in 20 writes of a hundred
// lines.
import { readFileSync } from 'node:fs';
import { byHand } from './lib/by-hand.mjs';
import { Fail2ban } from './lib/fail2ban.mjs';
import { firewallMissing, withContenders } from './lib/round.mjs';
import { row } from './lib/rows.mjs';
import { Sshguard } from './lib/sshguard.mjs';
import { median } from './lib/timing.mjs';
import { Trapline } from './lib/trapline.mjs';
import { cachedLog } from './genlog.mjs';

export const name = 'Following a log without hits';

const RATE = 2000;

export async function run({ quick, log }) {
  const missing = firewallMissing();
  if (missing) return (log(`left out: ${missing}`), []);
  const text = readFileSync(cachedLog(100_000, { say: log }), 'latin1');
  // Leaves out every line for which one of the programs would ban a client. Removes time and host from the other lines.
  const lines = text
    .split('\n')
    .filter((line) => line.includes(' mx1 ') && !/triggers spamtrap|SASL|lost connection/.test(line))
    .map((line) => `${line.slice(line.indexOf(' mx1 ') + 5)}\n`);
  const makers = [() => new Trapline(), () => Sshguard.get('nft-sets', log), () => (quick ? undefined : Fail2ban.get(log))];
  return withContenders(makers, async (contenders) => {
    for (const contender of contenders) await contender.start();
    const shares = {};
    const [rounds, seconds] = quick ? [1, 4] : [5, 10];
    // The first round does not count, because V8 compiles frequently used code only after some time.
    for (let round = -1; round < rounds; round += 1) {
      for (const contender of contenders) {
        const share = await contender.follow(lines, RATE, round < 0 ? (quick ? 3 : 15) : seconds);
        if (round < 0) continue;
        (shares[contender.name] ??= []).push(share * 100);
        log(`${contender.name}: ${(share * 100).toFixed(2)} % of a core`);
      }
    }
    const { trapline, ...peers } = Object.fromEntries(Object.entries(shares).map(([title, all]) => [title, median(all)]));
    return [row({ what: `${RATE} lines a second, share of one core`, unit: '%', ours: trapline, peers, limit: { atMost: 1 } })];
  });
}

await byHand(import.meta, { name, run });
