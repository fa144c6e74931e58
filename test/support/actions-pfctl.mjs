// A strict stand-in for pfctl(8): keeps rules and tables in a file, and refuses what the manual page does not allow, or what is not known
// here. Called as `actions-pfctl.mjs STATE ARGUMENT...`; the state file says what /etc/pf.conf loaded: {"rules": [], "tables": {}}.
import { readFileSync, writeFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';

const [file, ...argv] = process.argv.slice(2);
const state = { rules: [], tables: {}, anchors: {}, ...JSON.parse(readFileSync(file, 'utf8')) };
const stop = (text, code = 1) => {
  process.stderr.write(`pfctl: ${text}\n`);
  process.exit(code);
};
const usage = (text) => stop(`usage: ${text}`);
const save = () => writeFileSync(file, JSON.stringify(state));

/** Options of the SYNOPSIS that are known here, and whether they take an argument. */
const OPTIONS = { q: false, a: true, f: true, s: true, t: true, T: true };
const given = {};
const rest = [];
for (let at = 0; at < argv.length; at += 1) {
  const word = argv[at];
  if (!/^-./.test(word)) {
    rest.push(...argv.slice(at));
    break;
  }
  const letter = word[1];
  if (!Object.hasOwn(OPTIONS, letter)) usage(`unknown option -- ${letter}`);
  if (Object.hasOwn(given, letter)) usage(`-${letter} is given twice`);
  if (!OPTIONS[letter] && word.length > 2) usage(`one option a word here: ${word}`);
  given[letter] = OPTIONS[letter] ? word.slice(2) || argv[(at += 1)] : true;
  if (given[letter] === undefined) usage(`option requires an argument -- ${letter}`);
}

const anchor = given.a === undefined ? state : (state.anchors[given.a] ??= { rules: [], tables: {} });
if (given.a !== undefined && !/^[A-Za-z0-9_/-]+$/.test(given.a)) usage('anchor names hold no such characters');

if (given.T !== undefined) table();
else if (given.t !== undefined) usage('-t without -T');
else if (given.s !== undefined) show();
else if (given.f === '-') load();
else usage('nothing to do');

function show() {
  if (rest.length > 0 || given.f !== undefined) usage('-s takes nothing else');
  if (given.s === 'rules') for (const rule of anchor.rules) process.stdout.write(`${rule}\n`);
  else if (given.s === 'Tables') for (const name of Object.keys(anchor.tables)) process.stdout.write(`${name}\n`);
  else if (given.s === 'Anchors') for (const name of Object.keys(state.anchors)) process.stdout.write(`  ${name}\n`);
  else usage(`-s ${given.s} is not known here`);
}

/** Loads rules into an anchor; the main ruleset is not ours to load. */
function load() {
  if (given.a === undefined) stop('the main ruleset would be replaced');
  const rules = [];
  for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const declared = /^table <(\w[\w-]*)> persist$/.exec(line)?.[1];
    // A table without addresses in the rules keeps those it has, see pf.conf(5), "Tables".
    if (declared) anchor.tables[declared] ??= [];
    else if (/^block (drop|return) in quick (proto tcp )?from <\w[\w-]*> to any( port \{ \d+(,\d+)* \})?$/.test(line))
      rules.push(line);
    else stop(`stdin: syntax error: ${line}`);
  }
  const unknown = rules.map((rule) => /<(.*?)>/.exec(rule)[1]).find((name) => !anchor.tables[name]);
  if (unknown) stop(`table <${unknown}> is not defined`);
  anchor.rules = rules;
  save();
}

function table() {
  if (given.t === undefined) usage('-T without -t');
  if (!/^[\w-]{1,31}$/.test(given.t)) usage('table names are shorter words');
  if (given.T === 'show') {
    if (!anchor.tables[given.t]) stop('Table does not exist.', 255);
    for (const text of anchor.tables[given.t]) process.stdout.write(`   ${text}\n`);
    return;
  }
  if (!['add', 'delete', 'replace'].includes(given.T)) usage(`-T ${given.T} is not known here`);
  if (given.f !== undefined && given.f !== '-') usage('only standard input is read here');
  const listed = given.f === '-' ? readFileSync(0, 'utf8').split(/\s+/).filter(Boolean) : [];
  const addresses = [...rest, ...listed];
  for (const address of addresses) if (!isNetwork(address)) stop(`cannot parse ${address}`);
  if (given.T === 'delete' && !anchor.tables[given.t]) stop('Table does not exist.', 255);
  const held = new Set(given.T === 'replace' ? [] : anchor.tables[given.t]);
  for (const address of addresses) held[given.T === 'delete' ? 'delete' : 'add'](address);
  anchor.tables[given.t] = [...held];
  save();
  if (!given.q) process.stderr.write(`${addresses.length} addresses ${given.T}.\n`);
}

function isNetwork(text) {
  const [address, prefix, ...more] = text.split('/');
  if (more.length > 0 || isIP(address) === 0) return false;
  if (prefix === undefined) return true;
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (!/^\d+$/.test(prefix) || Number(prefix) > (family === 'ipv6' ? 128 : 32)) return false;
  new BlockList().addSubnet(address, Number(prefix), family);
  return true;
}
