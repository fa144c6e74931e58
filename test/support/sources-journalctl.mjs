// A journalctl that knows one journal, a file of JSON entries, and refuses any argument that journalctl(1) does not have.
//   node sources-journalctl.mjs JOURNAL STATE ARGUMENT...
// STATE is a JSON file: { "calls": [argv...], "dieAfter": entries shown by one call until it ends with code 1,
// "unfollowable": true when there is no inotify instance left }.
import { readFileSync, renameSync, watch, writeFileSync } from 'node:fs';

const [journal, statePath, ...argv] = process.argv.slice(2);
const state = JSON.parse(readFileSync(statePath, 'utf8'));
state.calls.push(argv);
// In one step, for a test that reads it at the same time.
writeFileSync(`${statePath}.new`, JSON.stringify(state));
renameSync(`${statePath}.new`, statePath);

const KNOWN =
  /^(?:--quiet|--no-pager|--follow|--merge|--no-tail|--output=json|--output-fields=[A-Z_,]+|--lines=\d+|--cursor=.+|--since=@\d+|_[A-Z_]+=.+)$/;
const strange = argv.find((word) => !KNOWN.test(word));
if (strange !== undefined) fail(`unrecognized option '${strange}'`);

const valueOf = (name) => argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
const has = (word) => argv.includes(word);
const matches = argv.filter((word) => word.startsWith('_')).map((word) => word.split('='));
const fields = [
  '__CURSOR',
  '__REALTIME_TIMESTAMP',
  '__MONOTONIC_TIMESTAMP',
  '_BOOT_ID',
  ...(valueOf('--output-fields') ?? '').split(','),
];
const cursor = valueOf('--cursor');
if (cursor !== undefined && !/^s=[0-9a-f]+;/.test(cursor)) fail('Failed to seek to cursor: Invalid argument');

let read = 0;
let shown = 0;

function fresh() {
  const lines = readFileSync(journal, 'utf8').split('\n').slice(0, -1);
  const entries = lines.slice(read).map((line) => JSON.parse(line));
  read = lines.length;
  return entries.filter((entry) => matches.every(([name, value]) => entry[name] === value));
}

function show(entries) {
  for (const entry of entries) {
    if (state.dieAfter !== undefined && shown === state.dieAfter) fail('killed by the test');
    shown += 1;
    writeFileSync(
      1,
      `${JSON.stringify(Object.fromEntries(fields.flatMap((name) => (name in entry ? [[name, entry[name]]] : []))))}\n`,
    );
  }
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

const all = fresh();
// An entry that has been vacuumed is the same as one before all that are left.
const after = Math.max(0, cursor === undefined ? 0 : all.findIndex((entry) => entry['__CURSOR'] === cursor));
const since = valueOf('--since');
const wanted = all
  .slice(after)
  .filter((entry) => since === undefined || Number(entry['__REALTIME_TIMESTAMP']) >= Number(since.slice(1)) * 1e6);
const lines = has('--no-tail') ? undefined : (valueOf('--lines') ?? (has('--follow') ? 10 : undefined));
show(lines === undefined ? wanted : wanted.slice(wanted.length - Math.min(wanted.length, Number(lines))));
if (has('--follow') && state.unfollowable) {
  process.stderr.write('Insufficient watch descriptors available. Reverting to -n.\n');
} else if (has('--follow')) {
  watch(journal, () => show(fresh()));
  setInterval(() => show(fresh()), 50);
}
