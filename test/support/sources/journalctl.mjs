// A stand-in for journalctl. It reads one journal, which is a file of JSON entries, and refuses unknown arguments.
//   node journalctl.mjs JOURNAL STATE ARGUMENT...
// STATE is a JSON file. `calls`: the arguments of each call. `dieAfter`: the number of entries after which a call ends with exit code 1.
// `unfollowable`: true if the stand-in has to fail as journalctl does when no inotify instance is free.
import { readFileSync, renameSync, watch, writeFileSync } from 'node:fs';

const [journal, statePath, ...argv] = process.argv.slice(2);
// The journal is read before the call is recorded. When a test has seen the call, it can write entries, which this call shows as new entries.
const text = readFileSync(journal, 'utf8');
const state = JSON.parse(readFileSync(statePath, 'utf8'));
state.calls.push(argv);
// The file is replaced in one step, because a test may read it at any moment.
writeFileSync(`${statePath}.new`, JSON.stringify(state));
renameSync(`${statePath}.new`, statePath);

const KNOWN =
  /^(?:--quiet|--no-pager|--follow|--merge|--no-tail|--output=json|--output-fields=[A-Z_,]+|--lines=\d+|--cursor=.+|--since=@\d+|\+|_[A-Z_]+=.+|CONTAINER_NAME=.+)$/;
const strange = argv.find((word) => !KNOWN.test(word));
if (strange !== undefined) fail(`unrecognized option '${strange}'`);

const valueOf = (name) => argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
const has = (word) => argv.includes(word);
// Fields of one name are alternatives, and so are the groups on both sides of a `+`.
const matches = [[]];
for (const word of argv.filter((one) => /^(?:_|CONTAINER_NAME=|\+$)/.test(one))) {
  if (word === '+') matches.push([]);
  else matches.at(-1).push(word.split('='));
}
const holds = (entry, group) => group.every(([name]) => group.some(([other, value]) => other === name && entry[name] === value));
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

function fresh(journalText = readFileSync(journal, 'utf8')) {
  const lines = journalText.split('\n').slice(0, -1);
  const entries = lines.slice(read).map((line) => JSON.parse(line));
  read = lines.length;
  return entries.filter((entry) => matches.some((group) => holds(entry, group)));
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

function fail(complaint) {
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}

const all = fresh(text);
// If the entry of the cursor was vacuumed, all remaining entries are shown.
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
  setInterval(() => show(fresh()), 50);
  try {
    watch(journal, () => show(fresh()));
  } catch {
    // On a busy machine, no inotify instance may be free. Then only the interval shows new entries.
  }
}
