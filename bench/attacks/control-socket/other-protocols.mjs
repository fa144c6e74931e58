// Programs of other protocols connect: TLS, HTTP/2, SSH, SMTP, binary, empty lines.
import { randomBytes } from 'node:crypto';
import { attack, must } from '../lib/attack.mjs';
import { exchange, mustRefuse } from '../lib/control-socket.mjs';

await attack('each program of another protocol gets an answer of one line', async (world) => {
  const hello = Buffer.concat([Buffer.from('1603010200010001fc0303', 'hex'), randomBytes(520)]);
  const bytes = {
    TLS: hello,
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'HTTP/3.7': 'GET /v1/status HTTP/3.7\r\nHost: x\r\n\r\n',
    SSH: 'SSH-2.0-OpenSSH_9.2\r\n',
    SMTP: 'EHLO c.example.org\r\n',
    binary: Buffer.alloc(5000, 0),
    'a NUL in a header': 'GET /v1/status HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n',
    'a long method': `${'A'.repeat(20_000)} / HTTP/1.1\r\n\r\n`,
    'a control character in the path': 'GET /v1/\u001b[2J HTTP/1.1\r\nHost: x\r\n\r\n',
  };
  for (const [what, text] of Object.entries(bytes)) mustRefuse(await exchange(world.socket, text), 400, what);
  must(!world.said.includes('report this'), 'a bug was logged');
});
