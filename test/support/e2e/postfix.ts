// Runs a real Postfix in a network namespace, with its own configuration, queue and log in a temporary folder.
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inside, SERVER } from './hosts.ts';
import { until } from '../until.ts';

/** The table of spamtraps, as the README gives it. The configuration below names this table. */
const SPAMTRAPS = '/^spamtrap@example\\.com$/  DISCARD triggers spamtrap\n';

/** The services that receive mail and discard it. They run without chroot, so that no files have to be copied into the queue folder. */
const MASTER = `
smtp      inet  n  -  n  -     -  smtpd
cleanup   unix  n  -  n  -     0  cleanup
qmgr      unix  n  -  n  300   1  qmgr
rewrite   unix  -  -  n  -     -  trivial-rewrite
bounce    unix  -  -  n  -     0  bounce
defer     unix  -  -  n  -     0  bounce
trace     unix  -  -  n  -     0  bounce
proxymap  unix  -  -  n  -     -  proxymap
discard   unix  -  -  n  -     -  discard
error     unix  -  -  n  -     -  error
retry     unix  -  -  n  -     -  error
anvil     unix  -  -  n  -     1  anvil
postlog   unix-dgram n -  n  -     1  postlogd
`;

/** One running Postfix. */
export class Postfix {
  readonly log: string;
  readonly #folder: string;
  readonly #host: string;

  /** Starts Postfix on both addresses of the server, which the namespace `host` must already have. */
  constructor(host: string) {
    this.#host = host;
    this.#folder = mkdtempSync(join(tmpdir(), 'trapline-postfix-'));
    this.log = join(this.#folder, 'log', 'mail.log');
    for (const name of ['etc', 'queue', 'state', 'log']) mkdirSync(join(this.#folder, name));
    chownSync(join(this.#folder, 'state'), Number(execFileSync('id', ['-u', 'postfix'], { encoding: 'utf8' })), 0);
    writeFileSync(join(this.#folder, 'spamtraps'), SPAMTRAPS);
    writeFileSync(join(this.#folder, 'etc', 'master.cf'), MASTER);
    writeFileSync(join(this.#folder, 'etc', 'main.cf'), this.#main());
    // In a new namespace a socket queues only ten datagrams (unix(7), max_dgram_qlen), and lines would be lost when many are logged at once.
    this.#run('sh', '-c', 'echo 1000 >/proc/sys/net/unix/max_dgram_qlen');
    // Postfix gets the usual umask instead of the umask of the tests, because its daemons run as another user.
    this.#run('chmod', '-R', 'u=rwX,go=rX', this.#folder);
    this.#run('sh', '-c', 'umask 022 && exec "$@"', 'sh', 'postfix', '-c', join(this.#folder, 'etc'), 'start');
  }

  /** Stops Postfix, waits until its processes have ended, and removes its folder. */
  async stop(): Promise<void> {
    const pid = Number(readFileSync(join(this.#folder, 'queue', 'pid', 'master.pid'), 'utf8'));
    process.kill(pid, 'SIGTERM');
    await until('Postfix has ended', () => !alive(pid));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #main(): string {
    return `
compatibility_level = 3.6
queue_directory = ${this.#folder}/queue
data_directory = ${this.#folder}/state
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${this.log}
maillog_file_prefixes = /var, /tmp, ${tmpdir()}
myhostname = mx.example.com
mydestination = example.com
inet_interfaces = ${SERVER.v4}, [${SERVER.v6}]
inet_protocols = all
mynetworks = 127.0.0.0/8 [::1]/128
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
local_recipient_maps =
local_transport = discard:
alias_maps =
alias_database =
smtpd_recipient_restrictions = permit_mynetworks, check_recipient_access regexp:${this.#folder}/spamtraps, reject_unauth_destination
`;
  }

  #run(...argv: string[]): void {
    const [file, ...args] = inside(this.#host, ...argv);
    execFileSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
