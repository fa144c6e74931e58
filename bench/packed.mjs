// Measures backfills of packed logs, compared with the usual pipeline of commands. Also measures backfills of small files that unpack to many bytes.
// By hand: node bench/packed.mjs [--quick]
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, cachedLog } from './genlog.mjs';
import { backfillOf } from './lib/backfill.mjs';
import { byHand } from './lib/by-hand.mjs';
import { has, WORDS } from './lib/peers.mjs';
import { row } from './lib/rows.mjs';
import { measure, sideBySide, workFolder } from './lib/timing.mjs';

export const name = 'Old logs, packed';

const MILLION = 1_000_000;

/** For each format: the packer, the usual command that searches a packed file, and the target as a multiple of the time of this command. */
const FORMS = [
  {
    form: 'gzip',
    packer: 'gzip',
    lines: [MILLION, 10 * MILLION],
    peer: 'zgrep -F',
    pipe: `zgrep -c -F '${WORDS}' "$1"`,
    times: 0.7,
  },
  ...['zstd', 'xz', 'bzip2'].map((form) => ({
    form,
    packer: form,
    lines: form === 'zstd' ? [MILLION, 10 * MILLION] : [MILLION],
    peer: `${form} -dc | grep -F`,
    pipe: `${form} -dc "$1" | grep -c -F '${WORDS}'`,
    times: 1.2,
  })),
];

export async function run({ quick, log }) {
  const { folder, remove } = workFolder();
  try {
    const rows = [];
    // With --quick bzip2 is left out, because it takes ten seconds a round.
    for (const { form, packer, lines, peer, pipe, times } of FORMS.filter((each) => !quick || each.form !== 'bzip2')) {
      if (!has(packer)) {
        log(`${form} is left out: the program ${packer} is missing`);
        continue;
      }
      for (const count of quick ? lines.slice(0, 1) : lines) {
        const path = packed(cachedLog(count, { say: log }), packer, log);
        log(`${form}, ${count.toLocaleString('en')} lines`);
        const contenders = { trapline: backfillOf(folder, path), [peer]: () => measure(pipe, { words: [path] }) };
        const rounds = quick ? 3 : 5;
        const figures = await sideBySide(contenders, rounds, { warmUp: !quick });
        for (const [figure, unit] of [
          ['wall', 's'],
          ['cpu', 's CPU'],
        ]) {
          const what = `backfill of ${count / MILLION} million lines, ${form}`;
          const [ours, theirs] = [figures.trapline[figure], figures[peer][figure]];
          rows.push(row({ what, unit, ours, peers: { [peer]: theirs }, limit: { times, of: peer } }));
        }
      }
    }
    return [...rows, ...bombs(folder, quick, log)];
  } finally {
    remove();
  }
}

/** Returns the path of the packed log in the cache. If there is none, packs the log first. */
function packed(path, packer, log) {
  const target = `${path}.${packer}`;
  if (existsSync(target)) return target;
  log(`packing with ${packer}: ${target}`);
  measure(`"$1" -c "$2" >"$3"`, { words: [packer, path, `${target}.part`] });
  renameSync(`${target}.part`, target);
  return target;
}

/** Measures the memory for reading two small files. One unpacks to lines without hits, and the other to NULs without a newline. */
function bombs(folder, quick, log) {
  const bytes = quick ? 1e9 : 1e10;
  const line = 'Nov 24 23:59:57 mx1 postfix/smtpd[39287]: disconnect from unknown[192.0.2.1] ehlo=1 commands=1';
  const rows = [];
  for (const [what, source, packer] of [
    ['lines', `yes '${line}'`, 'zstd'],
    ['NULs without a line', 'cat /dev/zero', 'gzip'],
  ]) {
    if (!has(packer)) continue;
    const path = join(CACHE, `bomb-${bytes}-${packer}`);
    if (!existsSync(path)) {
      log(`packing ${bytes / 1e9} GB of ${what}`);
      measure(`${source} | head -c ${bytes} | ${packer} -c >"$1"`, { words: [path], mayFail: true });
    }
    log(`reading ${bytes / 1e9} GB of ${what}`);
    const { peak, wall } = backfillOf(folder, path)();
    if (peak === undefined) continue;
    const empty = join(CACHE, 'empty.log');
    measure('>"$1"', { words: [empty] });
    const rest = backfillOf(folder, empty)().peak;
    rows.push(
      row({
        what: `memory for a small ${packer} file that holds ${bytes / 1e9} GB of ${what}, minus the memory for an empty log`,
        unit: 'MB',
        ours: (peak - rest) / 1e6,
        limit: { atMost: 100 },
        note: `read in ${wall.toFixed(1)} s`,
      }),
    );
  }
  return rows;
}

await byHand(import.meta, { name, run });
