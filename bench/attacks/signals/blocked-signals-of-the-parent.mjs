// The parent process starts the daemon with every signal blocked, and with SIGCHLD, SIGHUP, SIGPIPE and SIGTERM ignored.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const CARELESS = `use POSIX; my $all = POSIX::SigSet->new; $all->fillset; sigprocmask(SIG_BLOCK, $all);
$SIG{$_} = 'IGNORE' for qw(CHLD HUP PIPE TERM INT); exec @ARGV or die`;

await attack(
  'whatever signal mask the daemon inherits, it handles signals and runs its programs',
  async (world) => {
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
    world.child.kill('SIGHUP');
    await eventually('the reload', () => world.said.includes('configuration read again'));
    const { actions } = await world.status();
    must(actions[0].state === 'ok', JSON.stringify(actions[0]));
  },
  { before: ['perl', '-e', CARELESS] },
);
