// The clock shows the last second that a signed 64-bit number of nanoseconds can express, and bans last for a hundred years from then on.
import { setTimeout as sleep } from 'node:timers/promises';
import { clockAttack, command, HOUR, left, trap } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

const LAST = Math.floor(2 ** 63 / 1e6);

await clockAttack(
  'bans, listings and commands work across 11 April 2262',
  async (world, clock) => {
    trap(world, clock, '203.0.113.1');
    await onlyBanned(world, ['203.0.113.1']);
    await sleep(Math.max(0, LAST - clock.now() + 200));
    trap(world, clock, '203.0.113.2', { number: 2 });
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    must((await left(world, clock, '203.0.113.2')) > 99 * 365 * 24 * HOUR, 'the ban does not last a hundred years');
    const { code, stdout, stderr } = command(world, ['bans']);
    must(code === 0 && stderr === '', `bans: ${code} ${stderr}`);
    must(/^203\.0\.113\.2 .*2262-04-11 .*521\dw/m.test(stdout), `bans prints ${stdout}`);
  },
  { at: LAST - 4_000, config: 'defaults: { bantime: 36500d }' },
);
