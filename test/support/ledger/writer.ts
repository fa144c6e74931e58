// A program that records hits in a ledger, one batch after another, until it is killed. Its command line is `writer PATH [BATCHES]`. Each batch
// has five hits and five bans, and its cursor is its number. The program prints `done N` when batch N is recorded.
import { writeSync } from 'node:fs';
import { Ledger } from '../../../src/ledger/record.ts';
import type { Verdict } from '../../../src/words/walk.ts';
import { ban, hit } from '../decision/words.ts';

const [path = '', batches = 'Infinity'] = process.argv.slice(2);
const log = { debug() {}, info() {}, notice() {}, warn() {}, error() {} };
const ledger = Ledger.open(path, { log, clock: Date.now });
const from = Number(ledger.cursor('test') ?? 0);

for (let batch = from + 1; batch <= Number(batches); batch += 1) {
  const verdicts = Array.from({ length: 5 }, (_, n): Verdict => {
    const client = `10.${(batch >> 8) & 255}.${batch & 255}.${n}`;
    return { kind: 'ban', hit: hit(client, Date.now()), ban: ban(client, Date.now()) };
  });
  try {
    ledger.recordStrictly(verdicts, { source: 'test', cursor: String(batch) });
  } catch (thrown) {
    writeSync(1, `${String(thrown)}\n`);
    break;
  }
  writeSync(1, `done ${batch}\n`);
}
writeSync(1, `counts ${JSON.stringify({ ...ledger.counts(), cursor: ledger.cursor('test') ?? '0' })}\n`);
ledger.close();
