// Runs SQL of another program, changes rows and files of the ledger, and runs commands without the daemon, for the attacks on the ledger.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readdirSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { must, slowness } from './attack.mjs';

/** Runs SQL in a file as another program, and returns its output. Throws with the words of sqlite3 when it fails. */
export function sql(world, text, file = world.state) {
  const { status, stdout, stderr } = spawnSync('sqlite3', ['-bail', '-cmd', '.timeout 10000', file], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  must(status === 0, `sqlite3: ${stderr.trim()}`);
  return stdout.trim();
}

/** Puts a ban into the ledger as another program. `change` replaces values; each is an expression of SQL. */
export function insertBan(world, client, change = {}) {
  const place = `'4${'0'.repeat(24)}${client
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')}'`;
  const row = {
    network: `'${client}/32'`,
    jail: "'spamtrap'",
    first: place,
    last: place,
    since: String(Date.now()),
    until: String(Date.now() + 3_600_000),
    offence: '1',
    origin: "'log'",
    reason: "'recipient'",
    forced: '0',
    ...change,
  };
  sql(world, `INSERT INTO bans (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).join(', ')})`);
}

/** Writes trap lines of these clients and waits until the ledger has `hits` hits in all. */
export async function hit(world, clients, hits, number = 0) {
  world.write(...clients.map((client, index) => trapLine(client, { number: number + index })));
  await recorded(world, hits);
}

/** Waits until the ledger has exactly this number of hits and none waits to be written. */
export async function recorded(world, hits) {
  const holds = async () => {
    const status = await world.status();
    return status.hits === hits && status.unwritten === 0;
  };
  await eventually(`the ledger has ${hits} hits`, holds, 20_000 * slowness());
}

/** The addresses in the ledger's hits, in the order of their rows. */
export function hitsOf(world, file = world.state) {
  const text = sql(world, 'SELECT address FROM hits ORDER BY id', file);
  return text === '' ? [] : text.split('\n');
}

/** Runs a command of trapline with the places of the world. `alone`: on a socket where no daemon answers. */
export function command(world, words, { alone = false, before = [], state = world.state, input = '' } = {}) {
  const socket = alone ? `${world.socket}.none` : world.socket;
  const places = ['--config', world.config, '--state', state, '--socket', socket];
  const [program, ...args] = world.inside(...before, ...world.program, ...words, ...places);
  return spawnSync(program, args, { encoding: 'utf8', input, timeout: 50_000 });
}

/** Starts the daemon, which must refuse to start: with a code of sysexits(3), in one line that has these words. */
export async function refusesStart(world, words) {
  world.said = '';
  const child = world.spawn();
  await eventually('the daemon ends', () => child.exitCode !== null || child.signalCode !== null, 15_000 * slowness());
  const lines = world.said.trim().split('\n');
  must(
    child.exitCode !== null && child.exitCode >= 64 && child.exitCode <= 78,
    `it ended with ${child.exitCode ?? child.signalCode}: ${world.said}`,
  );
  must(lines.length === 1, `its output has ${lines.length} lines: ${world.said}`);
  must(words.test(lines[0]), `its output: ${lines[0]}`);
}

/** Holds a lock on the ledger as an sqlite3 shell within a transaction does. Resolves to the function that ends the shell. */
export async function holdLock(world, begin = 'BEGIN IMMEDIATE', file = world.state) {
  const shell = spawn('sqlite3', ['-bail', '-cmd', '.timeout 10000', file], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => shell.once('exit', resolve));
  let said = '';
  shell.stdout.on('data', (text) => (said += String(text)));
  shell.stdin.write(`${begin};\nSELECT 'held';\n`);
  await eventually('the shell holds the lock', () => said.includes('held'));
  return async () => {
    shell.kill('SIGKILL');
    await ended;
  };
}

/** Writes bytes into a file at an offset, without cutting it. A negative offset counts from the end. */
export function overwrite(path, offset, bytes) {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, bytes.length, offset < 0 ? fstatSync(file).size + offset : offset);
  } finally {
    closeSync(file);
  }
}

/** The number of open descriptors of the daemon. */
export function descriptors(world) {
  return readdirSync(`/proc/${world.child.pid}/fd`).length;
}

/** Kills the daemon and waits until it answers after a new start. */
export async function crash(world) {
  await world.kill();
  await world.start();
}

/** Runs `step` again and again, with a pause, until `work` has ended; resolves to the result of `work`. */
export async function meanwhile(step, work, pause = 20) {
  const stop = new AbortController();
  const stepping = (async () => {
    while (!stop.signal.aborted) {
      await step();
      await sleep(pause);
    }
  })();
  try {
    return await work();
  } finally {
    stop.abort();
    await stepping;
  }
}
