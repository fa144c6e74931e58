// An operator bans with reasons that contain NUL, half characters, control characters and quotes, and lists the bans.
import { attack, must } from '../lib/attack.mjs';
import { trapline } from '../lib/control-socket.mjs';
import { hosts } from '../lib/firewall.mjs';

await attack('a listing shows each reason as it was given, and sends no control character to a terminal', async (world) => {
  const reasons = [
    'a\0b',
    '\u001b[2J\u001b]0;x\u0007',
    '\u202egnp.exe',
    "'; DROP TABLE bans; --",
    '\ud83d\ude00'.repeat(250),
    '"\\',
    '\u2028\u2029',
    '{{reason}}',
    '%s%n',
    'a\nb',
  ];
  const clients = hosts(reasons.length);
  for (const [index, reason] of reasons.entries()) await world.ban([clients[index]], { reason });
  for (const { network, reason } of await world.bans()) {
    const given = reasons[clients.indexOf(network)];
    must(
      reason === given || reason === given.replace('\0', '\ufffd'),
      `the reason ${JSON.stringify(given)} became ${JSON.stringify(reason)}`,
    );
  }
  const { code, out } = await trapline(world, ['bans', '--socket', world.socket]);
  must(code === 0 && out.trimEnd().split('\n').length === reasons.length + 1, `the listing has other lines: ${out}`);
  must(!/[^\P{C}\n]/u.test(out), 'the listing has control characters');
});
