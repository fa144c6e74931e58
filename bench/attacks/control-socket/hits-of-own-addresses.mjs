// A client sends hits of this machine in every form of its addresses.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitLine, sendHits } from '../lib/control-socket.mjs';

await attack('no hit bans an own address in any form', async (world) => {
  world.run('ip', 'addr', 'add', '198.51.100.77/24', 'dev', 'lo');
  world.run('ip', 'addr', 'add', '2001:db8:77::1/64', 'dev', 'lo');
  const forms = [
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::c633:644d',
    '198.51.100.77',
    '::ffff:198.51.100.77',
    '2001:db8:77::1',
    'fe80::1',
    'fe80::1%lo',
    '0.0.0.0',
    '::',
  ];
  await new Promise((resolve) => void setTimeout(resolve, 2500)); // The daemon looks for new own addresses every two seconds.
  for (const [number, form] of forms.entries()) {
    const { status, body } = await sendHits(world, hitLine(form, number));
    must(status === 400 || body.bans === 0, `${form} was banned: ${JSON.stringify(body)}`);
  }
  await onlyBanned(world, []);
});
