// Makes lines of Postfix from their parts, and counts hits exactly, for the attacks on the text of lines.
import { appendFileSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { must, onlyBanned, slowness } from './attack.mjs';

const DEADLINE = 10_000;

/** This client mails a trap behind all lines of an attack: when its hit is recorded, they have been read. */
export const LAST = '203.0.113.249';

/** A date as rsyslog writes it by default. */
export function iso(at = Date.now()) {
  return new Date(at).toISOString().replace('Z', '000+00:00');
}

/** A date of RFC 3164 in the zone of this machine. */
export function bsd(at = Date.now()) {
  const [, month, day, , time] = new Date(at).toString().split(' ');
  return `${month} ${day.replace(/^0/, ' ')} ${time}`;
}

/** A line of smtpd for a client that mails a trap. Each part can be replaced. */
export function hitLine(address, parts = {}) {
  const { date = iso(), host = 'mx', tag = 'postfix/smtpd[1000]', message = hitMessage(address, parts) } = parts;
  return `${date} ${host} ${tag}: ${message}\n`;
}

/** The message of such a line. */
export function hitMessage(address, parts = {}) {
  const { queueId = 'NOQUEUE', name = 'unknown', trap = 'trap@example.com', text = 'triggers spamtrap' } = parts;
  const { from = 's@example.org', to = trap, helo = 'c.example.org', login = '' } = parts;
  const client = `RCPT from ${name}[${address}]`;
  return `${queueId}: discard: ${client}: <${trap}>: Recipient address ${text}; from=<${from}> to=<${to}> proto=ESMTP helo=<${helo}>${login}`;
}

/** Appends bytes to the log. `text` holds one character for each byte. */
export function writeBytes(world, text) {
  appendFileSync(world.log, Buffer.from(text, 'latin1'));
}

/** Waits until all lines that were written before have been read, and checks that exactly these clients have hits, each with its number. */
export async function hitsAre(world, hits) {
  const found = textOf(Object.entries(await readHits(world)));
  const wanted = textOf(Object.entries(hits));
  must(found === wanted, `the ledger has the hits "${found}" instead of "${wanted}"`);
}

/** Waits until all lines that were written before have been read. Returns the number of hits of each client in the ledger. */
export async function readHits(world) {
  world.write(`\n${trapLine(LAST, { number: 29_998 })}`);
  const isRead = () => world.rows('SELECT 1 FROM hits WHERE address = ?', LAST).length > 0;
  await eventually('all lines are read', isRead, DEADLINE * slowness());
  const rows = world.rows('SELECT address, COUNT(*) AS hits FROM hits WHERE address != ? GROUP BY address', LAST);
  return Object.fromEntries(rows.map((row) => [row.address, row.hits]));
}

/** Checks the hits as `hitsAre` does, and that exactly these networks are banned, by default all clients. */
export async function onlyHits(world, hits, bans = Object.keys(hits)) {
  await hitsAre(world, hits);
  await onlyBanned(world, [...bans, LAST]);
}

/** Options of `attack` for a jail that bans at the third hit. */
export const THIRD = {
  config: 'defaults: { maxretry: 3 }',
  hit: (world, client) => world.write(...[1, 2, 3].map((number) => trapLine(client, { number }))),
};

function textOf(entries) {
  return entries
    .map(([address, count]) => `${address}: ${count}`)
    .toSorted((one, other) => one.localeCompare(other))
    .join(', ');
}

/** Checks that the daemon's log holds no bytes that control a terminal, and that each of its lines is a line of a log. */
export function cleanLog(world) {
  // oxlint-disable-next-line no-control-regex -- the characters that are searched
  const found = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u.exec(world.said);
  must(!found, `the daemon printed U+${found?.[0].codePointAt(0).toString(16)}`);
}
