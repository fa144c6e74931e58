// Measures the resident memory of the running program, without and with bans: node bench/memory.mjs [--quick]
// Runs as root on Linux. The figure is the memory of the program's own process. The note has the memory together with children, such as a running
// nft.
import { setTimeout as sleep } from 'node:timers/promises';
import { byHand } from './lib/by-hand.mjs';
import { Fail2ban } from './lib/fail2ban.mjs';
import { firewallMissing, withContenders } from './lib/round.mjs';
import { row } from './lib/rows.mjs';
import { Sshguard } from './lib/sshguard.mjs';
import { Trapline } from './lib/trapline.mjs';

export const name = 'Resident memory';

/** After this time without work (milliseconds), V8 has usually given back the memory that it used during the start. */
const REST = 45_000;

const MEGABYTE = 1_000_000;

export async function run({ quick, log }) {
  const missing = firewallMissing();
  if (missing) return (log(`left out: ${missing}`), []);
  const idle = await settled(
    [() => new Trapline(), () => Sshguard.get('nft-sets', log), () => (quick ? undefined : Fail2ban.get(log))],
    0,
    quick,
  );
  const small = await settled([() => new Trapline()], 10_000, quick);
  const large = quick ? undefined : await settled([() => new Trapline()], 100_000, quick);
  const soon = quick ? ', soon after the start' : '';
  return [
    figure(`idle${soon}`, idle, 60),
    figure(`with 10,000 bans${soon}`, small, 65),
    ...(large ? [figure('with 100,000 bans', large, 100)] : []),
  ];
}

/** Returns the memory that each program uses after the time REST, by the name of the program. */
async function settled(makers, bans, quick) {
  return withContenders(makers, async (contenders) => {
    for (const contender of contenders) {
      if (bans === 0) {
        await contender.start();
      } else {
        await contender.putBans(bans);
        await contender.restart(bans);
      }
    }
    await sleep(quick ? 3000 : REST);
    return Object.fromEntries(contenders.map((contender) => [contender.name, contender.usage()]));
  });
}

function figure(what, usages, atMost) {
  const { trapline, ...peers } = usages;
  const note = `peak ${Math.round(trapline.peak / MEGABYTE)} MB; ${Math.round(trapline.rssOfAll / MEGABYTE)} MB together with its children`;
  const others = Object.entries(peers).map(([title, { rssOfAll }]) => [title, rssOfAll / MEGABYTE]);
  return row({ what, unit: 'MB', ours: trapline.rss / MEGABYTE, peers: Object.fromEntries(others), limit: { atMost }, note });
}

await byHand(import.meta, { name, run });
