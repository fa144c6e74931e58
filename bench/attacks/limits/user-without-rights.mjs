// A user without permissions runs the daemon and every command.
import { attack, must } from '../lib/attack.mjs';
import { chmodSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { isOneLine, lend, trapline } from '../lib/limits.mjs';

await attack(
  'each command of a user without permissions ends with one line and exit code 77, and changes nothing',
  async (world) => {
    await world.start();
    const listed = world.inside('nft', 'list', 'ruleset');
    const before = world.run(...listed.slice(listed.indexOf('nft')));
    lend(world);
    execFileSync('chown', ['-R', '0', world.folder]);
    chmodSync(world.folder, 0o755);
    chmodSync(`${world.folder}/state`, 0o750);
    chmodSync(world.config, 0o644);
    world.before = ['setpriv', '--reuid=64999', '--regid=64999', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all'];
    const places = ['--config', world.config, '--socket', world.socket];
    const COMMANDS = [
      ['status'],
      ['bans'],
      ['ban', '203.0.113.1'],
      ['unban', '203.0.113.1'],
      ['reload'],
      ['backfill', world.log],
      ['run', '--state', world.state],
    ];
    chmodSync(world.log, 0o644);
    for (const [command, ...words] of COMMANDS) {
      const { code, stderr } = await trapline(world, [command, ...places, ...words]);
      must(code === 77 && isOneLine(stderr), `${command}: ${code}: ${stderr}`);
    }
    const after = world.run('nft', 'list', 'ruleset');
    must(after === before, 'the firewall was changed');
    chmodSync(world.log, 0o600);
    world.before = [];
  },
  { started: false },
);
