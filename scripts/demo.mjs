// The demonstration: runs the real daemon on the sample log. Each line of the sample gets the present time, and bans last only seconds.
// As root on Linux, the daemon bans in nftables, in a network namespace of its own, so the firewall of the machine does not change.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { canInstall, has, installMissing } from './debian.mjs';
import { MAIN, ROOT } from './setup.mjs';

const BANTIME = '3s';
/** The duration of the replay, and the longest duration of the whole demonstration (milliseconds). */
const REPLAY = 3_500;
const LIMIT = 9_500;
const SAMPLE = join(ROOT, 'samples', 'mail.log');
/** The address that the forged lines of the sample name. */
const VICTIM = '192.0.2.99';

const run = promisify(execFile);
let begun = 0;
const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Runs the demonstration; resolves to the exit code. The files of the demonstration are removed at its end, also when it is interrupted. */
export async function demonstrate() {
  begun = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'trapline-demo-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const firewall = chooseFirewall();
  const daemon = startDaemon(folder, firewall);
  const ended = once(daemon.child, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, async () => {
      daemon.child.kill('SIGTERM');
      await Promise.race([ended, sleep(3_000)]);
      process.exit(130);
    });
  }
  try {
    await until(async () => (await daemon.status()) !== undefined, ended);
    tell(`the daemon runs and follows the sample log; a ban lasts ${BANTIME}`);
    const lines = await replay(join(folder, 'mail.log'));
    await until(() => daemon.seen.unbans >= daemon.seen.banned.length, ended, begun + LIMIT - Date.now());
    const status = await daemon.status();
    daemon.child.kill('SIGTERM');
    await ended;
    summarize({ lines, status, seen: daemon.seen, firewall });
    return 0;
  } catch (thrown) {
    daemon.child.kill('SIGTERM');
    tell(`the demonstration failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return 1;
  }
}

function chooseFirewall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    tell('not root on Linux: the firewall does not change, the action "print" prints each ban');
    return 'print';
  }
  if (canInstall()) installMissing({ nft: 'nftables', unshare: 'util-linux', nsenter: 'util-linux' });
  if (!has('nft') || !has('unshare') || !has('nsenter')) {
    tell('nft is not installed (package nftables): the action "print" prints each ban');
    return 'print';
  }
  tell('bans are set in nftables, in a network namespace of their own: the firewall of this machine does not change');
  return 'nftables';
}

function startDaemon(folder, firewall) {
  const log = join(folder, 'mail.log');
  writeFileSync(log, '');
  const config = join(folder, 'trapline.yaml');
  const settings = {
    sources: [{ type: 'file', path: log }],
    actions: [firewall],
    defaults: { bantime: BANTIME },
    control: { group: String(process.getgid?.() ?? 0) },
  };
  writeFileSync(config, JSON.stringify(settings)); // JSON is YAML too.
  const socket = join(folder, 'control.sock');
  const places = ['--config', config, '--state', join(folder, 'trapline.db'), '--socket', socket];
  const argv = [process.execPath, MAIN, 'run', ...places];
  const [program, ...args] = firewall === 'nftables' ? ['unshare', '--net', ...argv] : argv;
  const { JOURNAL_STREAM: _journal, NOTIFY_SOCKET: _notify, ...env } = process.env;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const seen = { banned: [], unbans: 0, peak: [] };
  createInterface({ input: child.stdout }).on('line', (line) => show('firewall', line, 36));
  createInterface({ input: child.stderr }).on('line', (line) => {
    const ban = /^[\w-]+: ban (\S+) /.exec(line)?.[1];
    const unban = /^[\w-]+: unban /.test(line);
    if (ban) seen.banned.push(ban);
    if (unban) seen.unbans += 1;
    show('daemon', line, ban ? 31 : unban ? 32 : 0);
  });
  if (firewall === 'nftables') watchNft(child, seen);
  const status = () =>
    run(process.execPath, [MAIN, 'status', '--json', '--socket', socket]).then(
      ({ stdout }) => JSON.parse(stdout),
      () => undefined,
    );
  return { child, seen, status };
}

/** Lists the elements of nft four times a second and keeps the longest list. */
function watchNft(child, seen) {
  const timer = setInterval(async () => {
    const listing = await run('nsenter', [`--net=/proc/${child.pid}/ns/net`, 'nft', '--json', 'list', 'ruleset']).catch(
      () => undefined,
    );
    if (!listing) return;
    const sets = JSON.parse(listing.stdout).nftables.flatMap((item) => (item.set ? [item.set] : []));
    const held = sets.flatMap((set) =>
      (set.elem ?? []).filter((elem) => elem.elem?.timeout !== undefined).map((elem) => textOf(elem.elem.val)),
    );
    if (held.length > seen.peak.length) seen.peak = held;
  }, 250);
  child.on('exit', () => clearInterval(timer));
}

function textOf(value) {
  return typeof value === 'string' ? value : `${value.prefix.addr}/${value.prefix.len}`;
}

/** Appends the lines of the sample to the log, each with the present time, one SMTP session at a time. Resolves to the number of lines. */
async function replay(log) {
  const lines = readFileSync(SAMPLE, 'latin1').trimEnd().split('\n');
  const sessions = [];
  for (const line of lines) {
    if (/: connect from /.test(line) || sessions.length === 0) sessions.push([]);
    sessions.at(-1).push(line);
  }
  for (const session of sessions) {
    const now = `${new Date().toISOString().slice(0, 23)}000+00:00`;
    for (const line of session)
      if (line.includes('triggers spamtrap')) show('log', Buffer.from(line.replace(/^\S+ \S+ /, ''), 'latin1').toString('utf8'), 2);
    appendFileSync(log, session.map((line) => `${line.replace(/^\S+/, now)}\n`).join(''), 'latin1');
    await sleep(REPLAY / sessions.length);
  }
  return lines.length;
}

function tell(text) {
  process.stdout.write(`trapline: ${text}\n`);
}

/** Prints one line, cut to the width of the terminal. Control characters are printed as `?`. */
function show(who, text, code) {
  const safe = Buffer.from(text, 'latin1')
    .toString('utf8')
    .replaceAll(/[\p{C}\u2028\u2029]/gu, '?');
  const at = `+${((Date.now() - begun) / 1000).toFixed(1)}s`;
  const width = Math.max(40, (process.stdout.columns ?? 140) - 18);
  const cut = safe.length > width ? `${safe.slice(0, width - 3)}...` : safe;
  process.stdout.write(`${at.padStart(6)} ${who.padEnd(9)} ${paint(code, cut)}\n`);
}

function summarize({ lines, status, seen, firewall }) {
  const sum = (key) => (status?.jails ?? []).reduce((total, jail) => total + jail[key], 0);
  const [hits, bans, spared] = [sum('hits'), sum('bans'), sum('spared')];
  const held = hits - bans - spared;
  const rows = [
    `${lines} lines of log; hits: ${hits}; bans: ${bans}; hits by banned clients: ${held}; hits by this machine's own address: ${spared}`,
    `${seen.unbans} unbans`,
    ...(firewall === 'nftables' ? [`at most ${seen.peak.length} networks were in nftables at once: ${seen.peak.join(', ')}`] : []),
    `forged lines of the log name ${VICTIM}: it was ${seen.banned.some((network) => network.startsWith(VICTIM)) ? 'BANNED' : 'not banned'}`,
    'the verdict on every line:       npm start -- test samples/mail.log',
    'all commands:                    npm start -- --help',
    'installation on a mail server:   README.md',
  ];
  process.stdout.write(`\n${rows.map((row) => `  ${row}\n`).join('')}`);
}

/** Polls until the condition holds, for at most `deadline` milliseconds. Rejects when the daemon ends before the condition holds. */
async function until(holds, ended, deadline = 8_000) {
  let gone = false;
  void ended.then(() => (gone = true));
  const end = Date.now() + deadline;
  while (!(await holds()) && Date.now() < end) {
    if (gone) throw new Error('the daemon ended');
    await sleep(50);
  }
}
