// The configuration alternates between correct and faulty texts while many clients request a reload.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { exchange, request } from '../lib/control-socket.mjs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';

await attack('a reload of a faulty file is refused in one line and changes nothing', async (world) => {
  const texts = [
    '',
    'bantime: [',
    'defaults: { bantime: 0 }',
    '\u0000',
    'defaults: { ignoreip: [300.1.1.1] }',
    'jails: { x: { filter: none } }',
    '- '.repeat(5000),
    'a: &a [*a, *a]',
    'defaults: { maxretry: 1e9 }',
  ];
  let refused = 0;
  for (const [round, text] of texts.entries()) {
    if (text === '') world.configure('');
    else world.configure(text);
    const answers = await Promise.all(Array.from({ length: 6 }, () => exchange(world.socket, request('POST', '/v1/reload'))));
    for (const { status, body, text: answer } of answers) {
      must([200, 422].includes(status), `round ${round}: ${answer.slice(0, 200)}`);
      if (status === 422) must(/^[^\p{C}]+$/u.test(body.error), `the error is not one line: ${body.error}`);
      if (status === 422) refused += 1;
    }
  }
  must(refused >= 30, `only ${refused} reloads were refused`);
  world.configure('');
  await world.reload();
  world.write(trapLine('203.0.113.5'));
  await onlyBanned(world, ['203.0.113.5']);
});
