// One SMTP session (RFC 5321) from a given address. It is a separate program, because it runs in another network namespace than the test.
// Its command line is `smtp.mjs SERVER CLIENT JSON`. JSON is { "port": ..., "helo": ..., "from": ..., "to": ... }. Without "to", it sends only EHLO
// and QUIT. It prints `ok` or `refused CODE`. It prints `blocked` when the server does not reply within two seconds, and `blocked (CODE)` after an
// error of the connection.
import { connect } from 'node:net';

const [server, client, json] = process.argv.slice(2);
const { port = 25, helo = 'client.example.org', from = 'sender@example.org', to } = JSON.parse(json ?? '{}');
const steps = [
  `EHLO ${helo}`,
  ...(to === undefined ? [] : [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA', 'Subject: offer\r\n\r\nBuy now.\r\n.']),
  'QUIT',
];

const socket = connect({ host: server, port, localAddress: client });
const timer = setTimeout(() => end('blocked'), 2000);
let received = '';

socket.setEncoding('latin1');
socket.on('error', (error) => end(`blocked (${error.code})`));
socket.on('data', (text) => {
  received += text;
  // The last line of a reply has a blank after its code.
  const reply = /^(?:[0-9]{3}-.*\r\n)*([0-9]{3}) .*\r\n$/.exec(received);
  if (!reply) return;
  received = '';
  if (Number(reply[1]) >= 400) return end(`refused ${reply[1]}`);
  const step = steps.shift();
  if (step === undefined) return end('ok');
  timer.refresh();
  socket.write(`${step}\r\n`);
});

function end(word) {
  clearTimeout(timer);
  socket.destroy();
  process.stdout.write(`${word}\n`);
}
