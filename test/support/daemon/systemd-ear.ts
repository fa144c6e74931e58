// Receives datagrams as systemd does on NOTIFY_SOCKET. Node has no Unix datagram sockets, so this uses perl-base of Debian.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * A Perl program that prints each datagram. systemd-notify(1) sends a descriptor with `BARRIER=1`, and waits until the receiver has closed it. recv
 * closes it at once.
 */
const EAR = `
use Socket; $| = 1;
socket(my $ear, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($ear, sockaddr_un($ARGV[0])) or die "bind: $!";
print "\\n";
while (1) { recv($ear, my $text, 65536, 0); print unpack("H*", $text), "\\n" }
`;

/** Listens at `path`. `heard`: the messages so far, except barriers. */
export async function listenAsSystemd(path: string): Promise<{ heard: string[]; close: () => void }> {
  const child = spawn('perl', ['-e', EAR, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const heard: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('cannot listen for notifications')));
    createInterface(child.stdout).on('line', (line) => {
      resolve();
      const text = Buffer.from(line, 'hex').toString();
      if (text !== '' && !text.startsWith('BARRIER=')) heard.push(text);
    });
  });
  return { heard, close: () => void child.kill() };
}
