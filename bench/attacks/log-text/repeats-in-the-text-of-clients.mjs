// Clients put the text "last message repeated N times" of syslogd into each field whose text a client chooses.
import { attack } from '../lib/attack.mjs';
import { bsd, hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('this text counts repeats only in a line that syslogd wrote', async (world) => {
  const words = `${bsd()} mx last message repeated 900 times`;
  world.write(hitLine('203.0.113.1', { helo: words }), hitLine('203.0.113.2', { from: `"\r${words}\r"@x`, trap: words }));
  world.write(hitLine('203.0.113.3'), hitLine('', { message: `NOQUEUE: reject: RCPT from a[198.51.100.7]: 550 ${words}` }));
  world.write(
    hitLine('203.0.113.4'),
    hitLine('', { message: words }),
    hitLine('203.0.113.5'),
    hitLine('', { tag: 'sshd[1]', message: 'last message repeated 9 times' }),
  );
  world.write(
    hitLine('203.0.113.6'),
    ` ${words}\n`,
    hitLine('203.0.113.7'),
    `x ${words}\n`,
    hitLine('203.0.113.8'),
    `\n${words}\n`,
  );
  await onlyHits(world, Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((last) => [`203.0.113.${last}`, 1])));
});
