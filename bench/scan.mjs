// Measures a complete backfill of a plain log of ten million lines, from reading the log to printing the summary.
// By hand: node bench/scan.mjs [--quick]
import { cachedLog } from './genlog.mjs';
import { byHand } from './lib/by-hand.mjs';
import { fail2banRegex, ripgrep, sshguardParser, WORDS } from './lib/peers.mjs';
import { row } from './lib/rows.mjs';
import { measure, sideBySide, workFolder } from './lib/timing.mjs';
import { backfillOf } from './lib/backfill.mjs';

export const name = 'An old log, plain';

export async function run({ quick, log }) {
  const lines = 10_000_000;
  const part = lines / 10;
  const { folder, remove } = workFolder();
  try {
    const path = cachedLog(lines, { say: log });
    const small = cachedLog(part, { say: log });
    const rg = ripgrep(log);
    log(`scanning ${lines.toLocaleString('en')} lines, Trapline, grep${rg ? ' and ripgrep' : ''} in turn`);
    const fast = await sideBySide(
      {
        trapline: backfillOf(folder, path),
        rehearsal: backfillOf(folder, path, ['--dry-run']),
        'grep -F': () => measure(['grep', '-c', '-F', WORDS, path]),
        ...(rg && { 'rg -F': () => measure([rg, '-c', '-F', WORDS, path]) }),
      },
      quick ? 2 : 7,
    );
    const slow = await peersOfOwnKind(folder, small, quick ? 1 : 5, log);
    const whole = `${lines / 1_000_000} million lines`;
    const rowOf = (what, figure, unit, ours, limit) =>
      row({
        what: `backfill of ${whole}${what}`,
        unit,
        ours: ours[figure],
        peers: peersIn({ ...without(fast), ...slow }, figure),
        limit,
      });
    const rows = [
      rowOf('', 'wall', 's', fast.trapline, { times: 1.2, of: 'grep -F' }),
      rowOf('', 'cpu', 's CPU', fast.trapline, { times: 1.2, of: 'grep -F' }),
      rowOf(', --dry-run', 'wall', 's', fast.rehearsal, { times: 1.2, of: 'grep -F' }),
      rowOf(', --dry-run', 'cpu', 's CPU', fast.rehearsal, { times: 1.2, of: 'grep -F' }),
    ];
    if (slow['fail2ban-regex'])
      rows.push(rowOf(' against fail2ban', 'cpu', 's CPU', fast.trapline, { times: 0.01, of: 'fail2ban-regex' }));
    return rows;
  } finally {
    remove();
  }
}

/**
 * Measures the peers that take up to a hundred times as long as Trapline. They read a tenth of the log, and their figures are multiplied by
 * ten.
 */
async function peersOfOwnKind(folder, path, rounds, log) {
  const fail2ban = fail2banRegex(folder, log);
  const parser = sshguardParser(log);
  const contenders = {
    ...(fail2ban && { 'fail2ban-regex': () => measure(fail2ban.argv(path), { env: fail2ban.env }) }),
    ...(parser && { 'sshg-parser': () => measure('"$1" <"$2"', { words: [parser, path], mayFail: true }) }),
  };
  if (Object.keys(contenders).length === 0) return {};
  log(`scanning a tenth of the lines: ${Object.keys(contenders).join(', ')}`);
  const figures = await sideBySide(contenders, rounds, { warmUp: false });
  return Object.fromEntries(Object.entries(figures).map(([peer, { wall, cpu }]) => [peer, { wall: wall * 10, cpu: cpu * 10 }]));
}

function without({ trapline: _ours, rehearsal: _alsoOurs, ...peers }) {
  return peers;
}

function peersIn(figures, figure) {
  return Object.fromEntries(Object.entries(figures).map(([peer, values]) => [peer, values[figure]]));
}

await byHand(import.meta, { name, run });
