// sshguard as a contender: its four programs as its own script joins them. It knows nothing of spamtraps: it gets failed logins instead.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contender, addressOf, head } from './contender.mjs';
import { unpacked } from './debian.mjs';

/** sshguard with one of its firewalls: `nft-sets` or `ipset`. */
export class Sshguard extends Contender {
  #root;
  #backend;
  #blacklist;

  /** Undefined when its package cannot be had. `blacklist`: bans are on record, and for ever; else they are in memory only. */
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

  /** A dangerousness of 10, that of one such line, is enough for a ban of four hours. */
  launch() {
    const at = (name) => join(this.#root, 'usr', 'libexec', 'sshguard', name);
    const record = this.#blacklist ? `-b 10:${join(this.folder, 'blacklist')}` : '';
    const blocker = `${at('sshg-blocker')} -a 10 -p 14400 -s 1800 ${record}`;
    const script = join(this.folder, 'run.sh');
    const walk = `${at('sshg-logtail')} ${this.log} | ${at('sshg-parser')} | ${blocker} | ${at(`sshg-fw-${this.#backend}`)}`;
    // As its own script does, and waits: a stop is over when all of them are gone. They are a group of their own.
    writeFileSync(script, `trap 'trap "" TERM; kill -s TERM 0; wait; exit' TERM\n${walk} &\nwait\n`);
    return this.spawn(['setsid', 'sh', script]);
  }

  /** Puts so many bans on record; the programs must not run. */
  putBans(count) {
    const now = Math.floor(Date.now() / 1000);
    const lines = Array.from({ length: count }, (_, n) => `${now}|260|4|${addressOf(n + 1)}\n`);
    writeFileSync(join(this.folder, 'blacklist'), lines.join(''));
  }
}
