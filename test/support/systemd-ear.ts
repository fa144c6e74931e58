// What systemd does at its end of NOTIFY_SOCKET: receives datagrams. Node has no datagram sockets of this kind, Debian's perl-base has.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Dropping the descriptor that comes with `BARRIER=1` is what systemd-notify(1) waits for; recv does that. */
const EAR = `
use Socket; $| = 1;
socket(my $ear, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($ear, sockaddr_un($ARGV[0])) or die "bind: $!";
print "\\n";
while (1) { recv($ear, my $text, 65536, 0); print unpack("H*", $text), "\\n" }
`;

/** Listens at `path`; `heard` grows with each message but barriers. */
export async function listenAsSystemd(path: string): Promise<{ heard: string[]; close: () => void }> {
  const child = spawn('perl', ['-e', EAR, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const heard: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the ear is deaf')));
    createInterface(child.stdout).on('line', (line) => {
      resolve();
      const text = Buffer.from(line, 'hex').toString();
      if (text !== '' && !text.startsWith('BARRIER=')) heard.push(text);
    });
  });
  return { heard, close: () => void child.kill() };
}
