// Writes a mail log like that of a busy Postfix, with twenty sessions at a time. One line in a thousand is a hit on a spamtrap. The same seed gives
// the same log on the same day. By hand: node bench/genlog.mjs LINES FILE [SEED]
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, utimesSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProgram } from '../scripts/setup.mjs';

/** The folder in which logs are kept between runs. */
export const CACHE = join(tmpdir(), 'trapline-bench');

const DAY = 86_400_000;
/** The time that the log covers. It ends at the last midnight (UTC). */
const SPAN = 27 * DAY;
const OPEN_SESSIONS = 20;
/** One in this number of lines is a hit. */
const ONE_HIT_IN = 1000;

/** Returns the path of a log with `lines` lines in the cache; writes the log when it is missing. */
export function cachedLog(lines, { seed = 7, say = () => {} } = {}) {
  mkdirSync(CACHE, { recursive: true });
  const day = new Date(lastMidnight()).toISOString().slice(0, 10);
  const path = join(CACHE, `mail-${lines}-${seed}-${day}.log`);
  if (existsSync(path)) return path;
  say(`writing a log of ${lines.toLocaleString('en')} lines: ${path}`);
  writeLog(`${path}.part`, lines, seed);
  renameSync(`${path}.part`, path);
  return path;
}

/** Writes a log, and gives the file the time of its last line. Returns the number of trap lines. */
export function writeLog(path, lines, seed = 7) {
  const end = lastMidnight();
  const random = generator(seed);
  const sessions = sessionsOf(random);
  const file = openSync(path, 'w');
  const open = Array.from({ length: OPEN_SESSIONS }, () => sessions.usual());
  const stamp = clock();
  let [written, hits, planned, text] = [0, 0, 0, ''];
  while (written < lines) {
    const place = random.below(OPEN_SESSIONS);
    const line = open[place].pop();
    if (line === undefined) {
      const due = planned < (written + OPEN_SESSIONS * 3) / ONE_HIT_IN - 0.5;
      open[place] = due ? sessions.trap() : sessions.usual();
      if (due) planned += 1;
      continue;
    }
    if (line.includes('triggers spamtrap')) hits += 1;
    text += `${stamp(end - SPAN + Math.floor((written * SPAN) / lines / 1000) * 1000)} mx1 postfix${line}\n`;
    written += 1;
    if (text.length > 1_000_000) {
      writeSync(file, text, null, 'latin1');
      text = '';
    }
  }
  writeSync(file, text, null, 'latin1');
  closeSync(file);
  utimesSync(path, end / 1000, end / 1000);
  return hits;
}

function lastMidnight() {
  return Math.floor(Date.now() / DAY) * DAY;
}

/** Returns functions that make random numbers, texts and choices from a seed (xorshift32). */
function generator(seed) {
  let state = Math.imul(seed, 2_654_435_761) || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let warm = 0; warm < 16; warm += 1) next();
  const below = (limit) => next() % limit;
  return {
    below,
    of: (list) => list[below(list.length)],
    chance: (percent) => below(100) < percent,
    hex: () => next().toString(16).toUpperCase().padStart(8, '0'),
  };
}

/** Returns a function that formats RFC 3164 time stamps. It caches the last time stamp, because many lines in a row have the same time. */
function clock() {
  let [last, text] = [0, ''];
  return (at) => {
    if (at === last) return text;
    last = at;
    const [, day, month, , time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(at).toUTCString());
    text = `${month} ${day.replace(/^0/, ' ')} ${time}`;
    return text;
  };
}

/** Returns functions that make sessions. A session is a list of its lines, the last line first. Each line begins with the `/` behind `postfix`. */
function sessionsOf(random) {
  const { below, of, chance, hex } = random;
  const letters = 'abcdefghijklmnopqrstuvwxyz'.split('');
  const words = Array.from({ length: 3000 }, () => Array.from({ length: 4 + below(8) }, () => of(letters)).join(''));
  const domains = Array.from(
    { length: 2000 },
    () => `${of(words)}${of(['.example.com', '.example.org', '.example.net', '.test'])}`,
  );
  const addresses = Array.from({ length: 60_000 }, () => `${1 + below(222)}.${below(256)}.${below(256)}.${1 + below(254)}`);
  const traps = ['spamtrap@example.com', 'trap3@example.com', 'old-contact@example.com', 'abuse.trap@example.net'];
  const client = () => `${chance(45) ? 'unknown' : `mail.${of(domains)}`}[${of(addresses)}]`;
  const pid = () => 1000 + below(64_000);
  const queueId = () => `${hex()}${below(10)}A`;
  const sender = () => `${of(words)}@${of(domains)}`;
  const recipient = () => `${of(words)}@example.com`;

  const rejections = [
    (host) =>
      `554 5.7.1 Service unavailable; Client host [${host}] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/${host};`,
    (_, to) => `550 5.1.1 <${to}>: Recipient address rejected: User unknown in virtual mailbox table;`,
    (_, to) => `454 4.7.1 <${to}>: Relay access denied;`,
    (host) => `450 4.7.25 Client host rejected: cannot find your hostname, [${host}];`,
    (_, to, from) => `450 4.1.8 <${from}>: Sender address rejected: Domain not found;`,
    () => '504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname;',
  ];

  const kinds = {
    delivery() {
      const [smtpd, who, id, from, to] = [`/smtpd[${pid()}]: `, client(), queueId(), sender(), recipient()];
      const tls = `${smtpd}Anonymous TLS connection established from ${who}: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256`;
      return [
        `/qmgr[1201]: ${id}: removed`,
        `/lmtp[${pid()}]: ${id}: to=<${to}>, relay=mx1.example.com[private/dovecot-lmtp], delay=0.${below(99)}, delays=0.21/0.01/0.02/0.11, dsn=2.0.0, status=sent (250 2.0.0 <${to}> ${hex()}${hex()} Saved)`,
        `${smtpd}disconnect from ${who} ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7`,
        `/qmgr[1201]: ${id}: from=<${from}>, size=${1500 + below(90_000)}, nrcpt=1 (queue active)`,
        `/cleanup[${pid()}]: ${id}: message-id=<${hex()}.${below(1e9)}@${of(domains)}>`,
        `${smtpd}${id}: client=${who}`,
        ...(chance(70) ? [tls] : []),
        `${smtpd}connect from ${who}`,
      ];
    },
    outbound() {
      const [smtpd, who, id, from, to] = [`/submission/smtpd[${pid()}]: `, client(), queueId(), recipient(), sender()];
      return [
        `/qmgr[1201]: ${id}: removed`,
        `/smtp[${pid()}]: ${id}: to=<${to}>, relay=mail.${of(domains)}[${of(addresses)}]:25, delay=${below(5)}.1, delays=0.1/0.01/0.6/0.8, dsn=2.0.0, status=sent (250 2.0.0 OK  ${below(1e9)} ${hex().toLowerCase()} - gsmtp)`,
        `${smtpd}disconnect from ${who} ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8`,
        `/qmgr[1201]: ${id}: from=<${from}>, size=${900 + below(900_000)}, nrcpt=1 (queue active)`,
        `/cleanup[${pid()}]: ${id}: message-id=<${hex()}${hex()}@example.com>`,
        `${smtpd}${id}: client=${who}, sasl_method=PLAIN, sasl_username=${from}`,
        `${smtpd}connect from ${who}`,
      ];
    },
    rejection() {
      const [smtpd, who, from, helo] = [`/smtpd[${pid()}]: `, client(), sender(), of(words)];
      const host = who.slice(who.indexOf('[') + 1, -1);
      const count = chance(80) ? 1 : 2 + below(3);
      const lines = Array.from({ length: count }, () => {
        const to = recipient();
        return `${smtpd}NOQUEUE: reject: RCPT from ${who}: ${of(rejections)(host, to, from)} from=<${from}> to=<${to}> proto=ESMTP helo=<${helo}>`;
      });
      return [
        `${smtpd}disconnect from ${who} ehlo=1 mail=1 rcpt=0/${count} quit=1 commands=3/${count + 3}`,
        ...lines,
        `${smtpd}connect from ${who}`,
      ];
    },
    login() {
      const [smtpd, who] = [`/submission/smtpd[${pid()}]: `, `unknown[${of(addresses)}]`];
      return [
        `${smtpd}disconnect from ${who} ehlo=1 auth=0/1 rset=1 quit=1 commands=3/4`,
        `${smtpd}warning: ${who}: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=${recipient()}`,
        `${smtpd}connect from ${who}`,
      ];
    },
    visit() {
      const [smtpd, who] = [`/smtpd[${pid()}]: `, client()];
      const stage = of(['EHLO', 'CONNECT', 'UNKNOWN', 'STARTTLS']);
      return [
        `${smtpd}disconnect from ${who} ehlo=1 commands=1`,
        `${smtpd}lost connection after ${stage} from ${who}`,
        `${smtpd}connect from ${who}`,
      ];
    },
    screen() {
      const from = `[${of(addresses)}]:${1024 + below(64_000)}`;
      return [`/postscreen[1199]: PASS OLD ${from}`, `/postscreen[1199]: CONNECT from ${from} to [192.0.2.10]:25`];
    },
    statistics: () => [
      `/anvil[1777]: statistics: max connection rate ${1 + below(9)}/60s for (smtp:${of(addresses)}) at Nov 24 23:00:11`,
    ],
    trap() {
      const [smtpd, who, to] = [`/smtpd[${pid()}]: `, client(), of(traps)];
      return [
        `${smtpd}disconnect from ${who} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5`,
        `${smtpd}NOQUEUE: discard: RCPT from ${who}: <${to}>: Recipient address triggers spamtrap; from=<${sender()}> to=<${to}> proto=ESMTP helo=<${of(words)}>`,
        `${smtpd}connect from ${who}`,
      ];
    },
  };
  /** How many percent of the usual sessions are of each kind. */
  const shares = { delivery: 34, outbound: 10, rejection: 22, login: 10, visit: 16, screen: 6, statistics: 2 };
  const wheel = Object.entries(shares).flatMap(([kind, share]) => Array(share).fill(kinds[kind]));
  return { usual: () => of(wheel)(), trap: () => kinds.trap() };
}

if (isProgram(import.meta.url)) {
  const [lines, path, seed] = process.argv.slice(2);
  const hits = writeLog(path, Number(lines), Number(seed ?? 7));
  console.log(`${path}: ${lines} lines, ${statSync(path).size} bytes, ${hits} of them traps`);
}
