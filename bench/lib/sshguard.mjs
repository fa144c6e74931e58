// Runs sshguard as one of the measured programs (contender.mjs): its four programs, connected as in sshguard's own script. sshguard has no rule for
// spamtraps, so failed logins are written to its log.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contender, addressOf, head } from './contender.mjs';
import { unpacked } from './debian.mjs';

/** sshguard with one of its firewalls: `nft-sets` or `ipset`. */
export class Sshguard extends Contender {
  #root;
  #backend;
  #blacklist;

  /**
   * Returns a new contender, or undefined when the package is not available. With `blacklist`, sshguard records bans in a file, and its bans have no
   * end. Without `blacklist`, bans are only in memory.
   */
  static get(backend, say, { blacklist = false } = {}) {
    const root = unpacked('sshguard', say);
    return root && new Sshguard(root, backend, blacklist);
  }

  constructor(root, backend, blacklist) {
    super();
    this.name = `sshguard (${backend})`;
    this.firewall = backend === 'ipset' ? ['ipset', 'sshguard4'] : ['nft'];
    this.#root = root;
    this.#backend = backend;
    this.#blacklist = blacklist;
  }

  line(address) {
    return `${head()}postfix/smtpd[1234]: warning: unknown[${address}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6\n`;
  }

  /** A score of 10 leads to a ban of four hours. One line of a failed login has that score. */
  launch() {
    const at = (name) => join(this.#root, 'usr', 'libexec', 'sshguard', name);
    const record = this.#blacklist ? `-b 10:${join(this.folder, 'blacklist')}` : '';
    const blocker = `${at('sshg-blocker')} -a 10 -p 14400 -s 1800 ${record}`;
    const script = join(this.folder, 'run.sh');
    const walk = `${at('sshg-logtail')} ${this.log} | ${at('sshg-parser')} | ${blocker} | ${at(`sshg-fw-${this.#backend}`)}`;
    // Starts the programs as sshguard's own script does, in a process group of their own. The script ends when all programs have ended.
    writeFileSync(script, `trap 'trap "" TERM; kill -s TERM 0; wait; exit' TERM\n${walk} &\nwait\n`);
    return this.spawn(['setsid', 'sh', script]);
  }

  /** Writes `count` bans to the file of bans. The programs must not be running. */
  putBans(count) {
    const now = Math.floor(Date.now() / 1000);
    const lines = Array.from({ length: count }, (_, n) => `${now}|260|4|${addressOf(n + 1)}\n`);
    writeFileSync(join(this.folder, 'blacklist'), lines.join(''));
  }
}
