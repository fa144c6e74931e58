// Makes a journal of JSON entries behind a stand-in for journalctl, and runs a real journald, for the attacks on the journal.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack } from './attack.mjs';

const Database = createRequire(import.meta.url)('libsql');
const STAND_IN = join(import.meta.dirname, '..', '..', '..', 'test', 'support', 'sources', 'journalctl.mjs');

/** The user id of Postfix in all these attacks. */
const UID = 102;

const MACHINE = readFileSync('/etc/machine-id', 'utf8').trim();

/** The configuration that reads the journal. */
export const CONFIG = `sources: [{ type: journal, postfix_uid: ${UID} }]`;

/** The message of smtpd for a client that mails a trap. */
export const messageOf = (address, number = 0) =>
  trapLine(address, { number })
    .trim()
    .split(/\]: (.*)/s)[1];

/**
 * A journal behind the stand-in of the tests (test/support/sources/journalctl.mjs), which takes the place of journalctl in the PATH of the
 * daemon. It selects entries by cursor, time and fields as journalctl does.
 */
class StandIn {
  #world;
  #written = 0;

  constructor(world) {
    this.#world = world;
    this.file = join(world.folder, 'journal');
    this.state = join(world.folder, 'journal-state');
    this.bin = join(world.folder, 'bin');
    mkdirSync(this.bin);
    // The path of the checkout may contain characters that are special for a shell.
    const standIn = join(this.bin, 'stand-in.mjs');
    symlinkSync(STAND_IN, standIn);
    /** The command that runs the stand-in, for scripts. */
    this.honest = `${process.execPath} ${standIn} ${this.file} ${this.state}`;
    writeFileSync(this.file, '');
    writeFileSync(this.state, '{"calls":[]}');
    this.program('journalctl', `exec ${this.honest} "$@"`);
    world.before = [...world.before, 'env', `PATH=${this.bin}:${process.env.PATH}`];
  }

  /** Puts a shell script in the place of a program. The file is replaced in one step. */
  program(name, script) {
    const path = join(this.bin, name);
    writeFileSync(`${path}.new`, `#!/bin/sh\n${script}\n`);
    chmodSync(`${path}.new`, 0o755);
    execFileSync('mv', [`${path}.new`, path]);
  }

  /** An entry as journald writes it for a hit of this client. */
  entry(address, fields = {}) {
    this.#written += 1;
    const number = this.#written;
    const now = Date.now() * 1000 + (number % 1000);
    return {
      __CURSOR: `s=abc;i=${number.toString(16)};b=def;m=1;t=${now.toString(16)};x=1`,
      __REALTIME_TIMESTAMP: String(now),
      _SOURCE_REALTIME_TIMESTAMP: String(now),
      _MACHINE_ID: MACHINE,
      _HOSTNAME: 'mx',
      _UID: String(UID),
      _PID: String(1000 + number),
      _COMM: 'smtpd',
      _EXE: '/usr/lib/postfix/sbin/smtpd',
      SYSLOG_IDENTIFIER: 'postfix/smtpd',
      SYSLOG_PID: String(1000 + number),
      MESSAGE: messageOf(address, number),
      ...fields,
    };
  }

  /** Appends entries to the journal in one write. */
  write(...entries) {
    appendFileSync(this.file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }

  /** Appends the hit of each of these clients. */
  hit(...addresses) {
    this.write(...addresses.map((address) => this.entry(address)));
  }

  /** The arguments of each call of the stand-in. */
  get calls() {
    return JSON.parse(readFileSync(this.state, 'utf8')).calls;
  }

  /** Resolves when the daemon has called the stand-in to follow the journal `count` times. */
  async followed(count = 1) {
    await eventually(
      `journalctl follows, call ${count}`,
      () => this.calls.filter((argv) => argv.includes('--follow')).length >= count,
    );
  }

  /** Starts the daemon. Resolves when it follows the journal. */
  async start(count = 1) {
    await this.#world.start();
    await this.followed(count);
  }
}

/** The hits in the ledger, as one text of addresses in the order of their names. */
export function hitsOf(world) {
  const rows = world.rows('SELECT address FROM hits');
  return rows
    .map(({ address }) => address)
    .toSorted((one, other) => one.localeCompare(other))
    .join(' ');
}

/** As `attack`, with a StandIn as second argument of `run`, which starts the daemon itself. */
export async function attackJournal(promise, run, options = {}) {
  let journal;
  const begin = async (world) => {
    journal = new StandIn(world);
    await run(world, journal);
  };
  await attack(promise, begin, { config: CONFIG, started: false, hit: (_, client) => journal.hit(client), ...options });
}

/** journald's configuration: it takes any number of entries, and nothing of the kernel. */
const CONF =
  '[Journal]\nStorage=persistent\nReadKMsg=no\nAudit=no\nRateLimitBurst=0\nForwardToSyslog=no\nCompress=no\nMaxLevelWall=emerg\n';

/** Sends a datagram for each line of standard input (base64). Arguments: socket, user id, name of the process. */
const SENDER = `
import base64, os, socket, sys, time
path, uid, name = sys.argv[1:]
open('/proc/self/comm', 'w').write(name)
os.setgroups([])
os.setgid(int(uid))
os.setuid(int(uid))
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
to.connect(path)
for line in sys.stdin: to.send(base64.b64decode(line))
time.sleep(0.3)
`;

/** A real journald in a mount namespace of its own. The daemon reads its files with the real journalctl. */
export class Journald {
  #world;
  #process;

  constructor(world) {
    this.#world = world;
    this.run = join(world.folder, 'run');
    this.folder = join(world.folder, 'journal');
    for (const folder of [this.run, this.folder, join(world.folder, 'bin')]) mkdirSync(folder);
    chmodSync(world.folder, 0o755);
    const journalctl = join(world.folder, 'bin', 'journalctl');
    writeFileSync(journalctl, `#!/bin/sh\nexec /usr/bin/journalctl --directory=${join(this.folder, MACHINE)} "$@"\n`);
    chmodSync(journalctl, 0o755);
    world.before = [...world.before, 'env', `PATH=${join(world.folder, 'bin')}:${process.env.PATH}`];
  }

  /** Starts journald. Resolves when it takes entries. */
  async start() {
    const conf = join(this.#world.folder, 'journald.conf');
    writeFileSync(conf, CONF);
    const steps = [
      'set -e; mount --make-rprivate /; mkdir -p /run/systemd /run/log /var/log/journal /etc/systemd',
      'mount -t tmpfs tmpfs /run/systemd; mount -t tmpfs tmpfs /run/log; mkdir /run/systemd/journal; touch /run/systemd/journald.conf',
      `mount --bind ${this.run} /run/systemd/journal; mount --bind ${this.folder} /var/log/journal`,
      `mkdir /run/systemd/journald.conf.d; cp ${conf} /run/systemd/journald.conf.d/world.conf`,
      'for path in /lib/systemd/systemd-journald /usr/lib/systemd/systemd-journald; do test -x $path && exec $path; done',
    ];
    this.#process = spawn('unshare', ['--mount', 'sh', '-c', steps.join('\n')], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    this.#process.stderr.on('data', (text) => (said += text));
    await eventually('journald listens', () => {
      if (this.#process.exitCode !== null) throw new Error(`journald ended: ${said}`);
      return readdirSync(this.run).includes('socket');
    });
    this.signal('SIGUSR1'); // Writes to the disk from now on.
    await eventually('journald writes', () => readdirSync(this.folder).includes(MACHINE) && this.files.length > 0);
  }

  signal(name) {
    this.#process.kill(name);
  }

  /** Ends journald. */
  async stop() {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.signal('SIGKILL');
    await eventually('journald ends', () => this.#process.signalCode !== null || this.#process.exitCode !== null);
  }

  /** The paths of its files. */
  get files() {
    const folder = join(this.folder, MACHINE);
    return readdirSync(folder).map((name) => join(folder, name));
  }

  /** Rotates its files. Resolves when the file in use has another name. */
  async rotate() {
    const before = this.files.length;
    this.signal('SIGUSR2');
    await eventually('the journal is rotated', () => this.files.length > before);
  }

  /**
   * Sends entries of the native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL). An entry is a list of pairs of a field and a text or buffer, so
   * that a field may come twice. `uid` and `comm`: who sends it.
   */
  send(entries, { uid = UID, comm = 'smtpd' } = {}) {
    const input = entries.map((entry) => `${Buffer.concat(entry.flatMap(fieldOf)).toString('base64')}\n`).join('');
    execFileSync('python3', ['-c', SENDER, join(this.run, 'socket'), String(uid), comm], { input });
  }

  /** Sends the entry of smtpd for a hit of each of these clients. */
  hit(...addresses) {
    this.send(addresses.map((address, index) => this.hitOf(address, index)));
  }

  /** The fields of a hit. */
  hitOf(address, number = 0, message = messageOf(address, number)) {
    return [
      ['PRIORITY', '6'],
      ['SYSLOG_IDENTIFIER', 'postfix/smtpd'],
      ['SYSLOG_PID', String(1000 + number)],
      ['MESSAGE', message],
    ];
  }

  /** Sends messages with logger(1), under another name and as another user, through the socket of syslog. */
  log(messages, { uid = UID, comm = 'smtpd', tag = 'postfix/smtpd' } = {}) {
    const program = join(this.#world.folder, 'bin', comm);
    copyFileSync('/usr/bin/logger', program);
    chmodSync(program, 0o755);
    const as = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
    execFileSync('setpriv', [...as, program, '--socket', join(this.run, 'dev-log'), '--tag', tag, '--id=4242'], {
      input: messages.map((message) => `${message}\n`).join(''),
    });
  }
}

/** One field: a text without newlines as `NAME=text`, other bytes with their length. */
function fieldOf([name, value]) {
  const bytes = Buffer.from(value);
  if (!bytes.includes(0x0a)) return [Buffer.from(`${name}=`), bytes, Buffer.from('\n')];
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return [Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')];
}

/** As `attack`, with a running Journald as second argument of `run`. The daemon follows it, unless `started` is false. */
export async function attackJournald(promise, run, { started = true, ...options } = {}) {
  let journal;
  const begin = async (world) => {
    journal = new Journald(world);
    await journal.start();
    if (started) await follows(world);
    await run(world, journal);
  };
  try {
    await attack(promise, begin, { config: CONFIG, started: false, hit: (_, client) => journal.hit(client), ...options });
  } finally {
    await journal?.stop();
  }
}

/** Starts the daemon. Resolves when it follows the journal. */
export async function follows(world) {
  await world.start();
  await eventually('the journal is followed', async () => (await world.status()).sources[0]?.state === 'following');
}

/** Puts another cursor of the journal into the ledger of a daemon that is stopped. */
export function replaceCursor(world, cursor) {
  const database = new Database(world.state);
  try {
    database.prepare("UPDATE cursors SET cursor = ? WHERE source = 'journal'").run([cursor]);
  } finally {
    database.close();
  }
}
