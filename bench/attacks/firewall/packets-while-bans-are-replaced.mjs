// A banned client sends without a pause while all bans are set again, a dozen times.
import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { networks6 } from '../lib/firewall.mjs';

/** Prints a line for each connection that gets an answer. */
const SENDER = `const connect = () => {
  const socket = require('net').connect(25, '198.51.100.1');
  socket.on('connect', () => console.log('open')).on('error', (e) => console.log(e.code));
  setTimeout(() => socket.destroy(), 300);
  setTimeout(connect, 2);
}; connect();`;

await attack(
  'a replacement of all bans leaves no gap',
  async (world) => {
    const client = spawn('unshare', ['-n', 'sleep', '1000'], { stdio: 'ignore' });
    const asClient = ['nsenter', '-t', String(client.pid), '-n'];
    let sender;
    try {
      await sleep(200);
      world.run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', String(client.pid));
      world.run('ip', 'addr', 'add', '198.51.100.1/24', 'dev', 'v0');
      world.run('ip', 'link', 'set', 'v0', 'up');
      const [program, ...args] = asClient;
      execFileSync(program, [...args, 'ip', 'addr', 'add', '198.51.100.200/24', 'dev', 'v1']);
      execFileSync(program, [...args, 'ip', 'link', 'set', 'v1', 'up']);
      sender = spawn(program, [...args, process.execPath, '-e', SENDER], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      sender.stdout.on('data', (text) => (said += text));
      await eventually('the client reaches this machine', () => said.includes('ECONNREFUSED'));
      await world.ban([...networks6(3000), '198.51.100.200'], { duration: null });
      await sleep(500);
      said = '';
      for (let round = 1; round <= 12; round += 1) {
        world.run('nft', `add element inet trapline ipv4_32 { 203.0.113.${round} }`);
        await eventually('all bans were set again', () => !world.holds([`203.0.113.${round}`]), 15_000);
      }
      must(said === '', `packets of the banned client passed: ${said.slice(0, 100)}`);
    } finally {
      sender?.kill('SIGKILL');
      client.kill('SIGKILL');
    }
    await world.ask('DELETE', '/v1/bans', { all: true });
  },
  { config: 'sync: 1s' },
);
