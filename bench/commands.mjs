// Measures single commands to a running daemon that bans in nftables. By hand, as root: node bench/commands.mjs [--quick]
import { join } from 'node:path';
import { MAIN } from './lib/backfill.mjs';
import { byHand } from './lib/by-hand.mjs';
import { Fail2ban } from './lib/fail2ban.mjs';
import { namespacesMissing } from './lib/namespace.mjs';
import { row } from './lib/rows.mjs';
import { measure, sideBySide } from './lib/timing.mjs';
import { Trapline } from './lib/trapline.mjs';

export const name = 'Commands';

const MANY = 1000;

export async function run({ quick, log }) {
  const missing = namespacesMissing();
  if (missing) {
    log(`left out: ${missing}`);
    return [];
  }
  const trapline = new Trapline();
  const fail2ban = Fail2ban.get(log);
  const contenders = [trapline, ...(fail2ban ? [fail2ban] : [])];
  try {
    for (const contender of contenders) {
      await contender.prepare();
      await contender.start();
    }
    log('single commands, in turn with "node -e 0"');
    const rounds = quick ? 7 : 25;
    const single = await sideBySide(
      {
        node: () => measure([process.execPath, '-e', '0']),
        status: () => measure(ours(trapline, 'status')),
        ban: () => measure([...ours(trapline, 'ban'), next()]),
        ...(fail2ban && {
          'fail2ban-client status': () => theirs(fail2ban, 'status', 'spamtrap'),
          'fail2ban-client banip': () => theirs(fail2ban, 'set', 'spamtrap', 'banip', next()),
        }),
      },
      rounds,
    );
    log(`${MANY} bans in one call`);
    const many = await sideBySide(
      {
        trapline: () =>
          measure('"${@:2}" <<<"$1"', { words: [Array.from({ length: MANY }, next).join('\n'), ...ours(trapline, 'ban'), '-'] }),
        ...(fail2ban && {
          'fail2ban-client': () => theirs(fail2ban, 'set', 'spamtrap', 'banip', ...Array.from({ length: MANY }, next)),
        }),
      },
      quick ? 1 : 5,
      { warmUp: false },
    );
    return [
      ...rowsOfOne('status', single, 'fail2ban-client status'),
      ...rowsOfOne('ban', single, 'fail2ban-client banip'),
      rowOfMany(single, many),
    ];
  } finally {
    for (const contender of contenders) await contender.remove();
  }
}

function rowsOfOne(command, figures, peer) {
  return [
    ['wall', 'ms'],
    ['cpu', 'ms CPU'],
  ].map(([figure, unit]) => {
    const of = (who) => figures[who][figure] * 1000;
    const peers = { 'node -e 0': of('node'), ...(figures[peer] && { [peer]: of(peer) }) };
    return row({ what: `trapline ${command}`, unit, ours: of(command), peers, limit: { times: 1.5, of: 'node -e 0' } });
  });
}

function rowOfMany(single, many) {
  const peer = many['fail2ban-client'];
  return row({
    what: `${MANY} bans in one call, minus the time of one ban`,
    unit: 's',
    ours: many.trapline.wall - single.ban.wall,
    peers: peer ? { 'fail2ban-client': peer.wall - single['fail2ban-client banip'].wall } : {},
    limit: { atMost: 0.3 },
  });
}

function ours(trapline, command) {
  return [process.execPath, MAIN, command, '--socket', join(trapline.folder, 'control.sock')];
}

function theirs(fail2ban, ...words) {
  const { argv, env } = fail2ban.client(...words);
  return measure(argv, { env });
}

let count = 0;

/** Returns a new address. No two of these addresses are adjacent, because some firewalls merge adjacent addresses. */
function next() {
  count += 2;
  return `46.${(count >> 16) & 255}.${(count >> 8) & 255}.${(count & 255) | 1}`;
}

await byHand(import.meta, { name, run });
