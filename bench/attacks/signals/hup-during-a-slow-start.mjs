// The configuration is changed and SIGHUP is sent while the daemon still starts, because the firewall is slow.
import { existsSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { fakeNft } from '../lib/signals.mjs';

await attack(
  'a SIGHUP during the start leads to a reload after the start',
  async (world) => {
    fakeNft(world, 'case "$*" in *-i*) ;; *) sleep 0.7 ;; esac');
    world.configure('defaults: { bantime: 2h }');
    const started = world.start(60_000);
    await eventually('the ledger is open', () => existsSync(world.state));
    world.configure('defaults: { bantime: 30h }');
    for (let time = 0; time < 5; time += 1) world.child.kill('SIGHUP');
    await started;
    await eventually('the configuration is read again', () => world.said.includes('configuration read again'));
    const { bans } = await world.ban(['203.0.113.1']);
    must(Date.parse(bans[0].until) - Date.parse(bans[0].since) === 30 * 3_600_000, `the ban ends at ${bans[0].until}`);
    await onlyBanned(world, ['203.0.113.1']);
    must(world.said.split('configuration read again').length === 2, 'five signals led to more than one reload');
  },
  { started: false },
);
