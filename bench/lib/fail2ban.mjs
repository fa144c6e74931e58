// Runs Debian's fail2ban as one of the measured programs (contender.mjs). It has one jail with an ordinary filter for the trap line, and its database
// is on a disk.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, Contender } from './contender.mjs';
import { unpacked } from './debian.mjs';

const FILTER = `[INCLUDES]
before = common.conf
[Definition]
_daemon = postfix(-\\w+)?/\\w+(?:/smtp[ds])?
failregex = ^%(__prefix_line)sNOQUEUE: discard: RCPT from \\S+\\[<HOST>\\]: .* triggers spamtrap
ignoreregex =
`;

/** fail2ban with the backend pyinotify and the action nftables-multiport. */
export class Fail2ban extends Contender {
  name = 'fail2ban';
  #root;
  #inotify;

  /** Returns a new contender, or undefined when the packages are not available. */
  static get(say) {
    const [root, inotify] = ['fail2ban', 'python3-pyinotify'].map((name) => unpacked(name, say));
    return root && inotify ? new Fail2ban(root, inotify) : undefined;
  }

  constructor(root, inotify) {
    super();
    this.#root = root;
    this.#inotify = inotify;
  }

  async prepare() {
    await super.prepare();
    const at = (...names) => join(this.folder, ...names);
    cpSync(join(this.#root, 'etc', 'fail2ban'), at('etc'), { recursive: true });
    rmSync(at('etc', 'jail.d'), { recursive: true, force: true });
    mkdirSync(at('etc', 'jail.d'));
    writeFileSync(at('etc', 'filter.d', 'spamtrap.conf'), FILTER);
    const own = { loglevel: 'NOTICE', logtarget: at('fail2ban.log'), syslogsocket: 'auto', dbpurgeage: '1d' };
    const places = { socket: at('socket'), pidfile: at('pid'), dbfile: at('fail2ban.sqlite3') };
    writeFileSync(at('etc', 'fail2ban.local'), section('Definition', { ...own, ...places }));
    const where = { filter: 'spamtrap', port: 'smtp,465,submission', logpath: this.log, backend: 'pyinotify' };
    const what = { enabled: 'true', maxretry: 1, findtime: '10m', bantime: '4h' };
    const jail = section('spamtrap', { ...what, ...where });
    writeFileSync(at('etc', 'jail.local'), `${section('DEFAULT', { banaction: 'nftables-multiport' })}${jail}`);
  }

  launch() {
    const { argv, env } = this.#program('fail2ban-server', '-f', 'start');
    return this.spawn(argv, { env });
  }

  /** Returns the program and arguments that send a command to the running server. */
  client(...words) {
    return this.#program('fail2ban-client', ...words);
  }

  #program(name, ...words) {
    const packages = [this.#root, this.#inotify].map((root) => join(root, 'usr', 'lib', 'python3', 'dist-packages'));
    const places = ['-c', join(this.folder, 'etc'), '-s', join(this.folder, 'socket'), '-p', join(this.folder, 'pid')];
    const env = { ...process.env, PYTHONPATH: packages.join(':'), PYTHONDONTWRITEBYTECODE: '1' };
    return { argv: ['python3', join(this.#root, 'usr', 'bin', name), ...places, ...words], env };
  }

  /** Writes `count` bans to the database. fail2ban must have run before, so that the database exists, and must not be running. */
  putBans(count) {
    const script = `
import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1])
rows = [(line.strip(), int(time.time())) for line in sys.stdin]
# The table bans holds every ban; bips holds the bans that fail2ban restores at its start, one for each address.
for table in ("bans", "bips"):
    base.execute("DELETE FROM " + table)
    base.executemany("INSERT INTO " + table + " (jail, ip, timeofban, bantime, bancount, data) VALUES ('spamtrap', ?, ?, 14400, 1, '{}')", rows)
base.commit()`;
    const input = Array.from({ length: count }, (_, n) => addressOf(n + 1)).join('\n');
    execFileSync('python3', ['-c', script, join(this.folder, 'fail2ban.sqlite3')], { input });
  }
}

function section(name, values) {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
  return `[${name}]\n${lines.join('\n')}\n`;
}
