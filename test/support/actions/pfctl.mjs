// A strict stand-in for pfctl(8), which keeps rules and tables in a file. Its checks, output and limits are those of pfctl.c, pfctl_table.c,
// parse.y and pf_table.c of OpenBSD and FreeBSD. It refuses unknown arguments.
// Its command line is `pfctl.mjs STATE ARGUMENT...`. The file STATE has the rules and tables of /etc/pf.conf, {"rules": [], "tables": {}}, and
// the state of the machine: `system` (openbsd or freebsd), `enabled`, `states` (addresses with an open connection), `maxcount`
// (net.pf.request_maxcount of FreeBSD), `entries` (the limit of entries in all tables together), and `broken` (an option that fails with
// "Operation not permitted").
import { readFileSync, writeFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { given, rest, stop, usage } from './pfctl/words.mjs';
import { parseRules, printed } from './pfctl/rules.mjs';

const file = process.argv[2];
const state = {
  system: 'openbsd',
  enabled: true,
  states: [],
  rules: [],
  tables: {},
  anchors: {},
  ...JSON.parse(readFileSync(file, 'utf8')),
};
const save = () => writeFileSync(file, JSON.stringify(state));
const dot = state.system === 'freebsd' ? '.' : '';
const failed = (text) => stop(`pfctl: ${text}${dot}`, 255);

const [name] = given.a ?? [];
// This check is in main() of pfctl.c.
if (name !== undefined && /^_|\/_/.test(name))
  stop("pfctl: anchor names beginning with '_' cannot be modified from the command line", 1);
const inAnchor = () => (name === undefined ? state : state.anchors[name]);
const make = () => (name === undefined ? state : (state.anchors[name] ??= { rules: [], tables: {} }));

if (state.broken !== undefined && Object.hasOwn(given, state.broken)) stop('pfctl: DIOCKILLSTATES: Operation not permitted', 1);
if (given.k) kill();
else if (given.T) table();
else if (given.t) usage();
else if (given.s) show();
else if (given.f?.[0] === '-') load();
else usage();

function print(lines) {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function show() {
  const [what] = given.s;
  if (rest.length > 0 || given.f) usage();
  if (what === 'info') {
    print([`Status: ${state.enabled ? 'Enabled' : 'Disabled'} for 0 days 00:10:00              Debug: err`, '', 'State Table']);
  } else if (what === 'rules') {
    // pfctl_show_rules writes an error to standard error, but exits with 0.
    if (!inAnchor()) process.stderr.write(`pfctl: ${dot ? 'DIOCGETRULES: Invalid argument' : 'Anchor does not exist'}\n`);
    else print(inAnchor().rules.flatMap((rule) => printed(rule, state.system)));
  } else if (what === 'Tables') print(Object.keys(inAnchor()?.tables ?? {}));
  else usage();
}

/** Loads rules into an anchor. Refuses to replace the main ruleset. */
function load() {
  if (name === undefined) stop('pfctl: the main ruleset would be replaced', 1);
  const loaded = parseRules(readFileSync(0, 'utf8'));
  const ruleset = make();
  // A table that the rules declare without addresses keeps its addresses, see pf.conf(5), "Tables".
  for (const declared of loaded.tables) {
    ruleset.tables[declared] ??= [];
    warnOfDuplicate(declared);
  }
  ruleset.rules = loaded.rules;
  save();
}

/** Prints a warning, also with -q, as warn_duplicate_tables of OpenBSD and warn_namespace_collision of FreeBSD do. */
function warnOfDuplicate(declared) {
  if (name === undefined || !Object.hasOwn(state.tables, declared)) return;
  const where = dot ? `namespace collision with <${declared}> global table.` : `table <${declared}> already defined in anchor "/"`;
  process.stderr.write(`pfctl: warning: ${where}\n`);
}

function table() {
  const [verb] = given.T;
  const [called] = given.t ?? [];
  // pfctl_table.c copies the name with strlcpy(3) into PF_TABLE_NAME_SIZE (32) bytes.
  if (called === undefined || called.length > 31) usage();
  const held = inAnchor()?.tables[called];
  if (verb === 'show') {
    if (given.f || rest.length > 0) usage();
    if (!held) failed('Table does not exist');
    tooMany(held.length);
    process.stdout.write(held.map((text) => `   ${text}\n`).join(''));
    return;
  }
  const addresses = readAddresses();
  if (verb === 'test') {
    if (addresses.some((text) => text.includes('/'))) failed('Invalid argument');
    if (!held) failed('Table does not exist');
    tooMany(addresses.length);
    const hosts = new Set(held.filter((text) => !text.includes('/')));
    const networks = held.filter((text) => text.includes('/'));
    const matches = (address) => hosts.has(address) || networks.some((network) => contains(network, address));
    const found = addresses.filter(matches).length;
    if (!given.q) process.stderr.write(`${found}/${addresses.length} addresses match.\n`);
    process.exit(found < addresses.length ? 2 : 0);
  }
  if (!['add', 'delete', 'replace'].includes(verb)) usage();
  if (verb === 'delete' && !held) failed('Table does not exist');
  if (verb !== 'delete') warnOfDuplicate(called);
  tooMany(verb === 'replace' ? bufferOf(addresses.length) : addresses.length);
  const after = new Set(verb === 'replace' ? [] : held);
  for (const address of addresses) after[verb === 'delete' ? 'delete' : 'add'](address);
  // pfr_set_addrs adds the new addresses before it removes the old ones.
  const before = new Set(held);
  const all = [state, ...Object.values(state.anchors)].flatMap(({ tables }) => Object.values(tables)).flat().length;
  const more = [...after].filter((text) => !before.has(text)).length;
  if (verb !== 'delete' && all + more > (state.entries ?? Infinity)) failed('Cannot allocate memory');
  make().tables[called] = [...after];
  save();
  if (!given.q) process.stderr.write(`${addresses.length} addresses ${verb}.\n`);
}

/** In pf_ioctl.c of FreeBSD 12 to 14, DIOCRADDADDRS, DIOCRDELADDRS, DIOCRGETADDRS and DIOCRSETADDRS refuse more than this number. */
function tooMany(count) {
  if (count > (state.maxcount ?? Infinity)) failed('Invalid argument');
}

/** The size of the buffer that DIOCRSETADDRS gets. pfr_buf_grow begins with 64 entries, and doubles this number until it suffices. */
function bufferOf(count) {
  let size = 64;
  while (size < count) size *= 2;
  return size;
}

/** Reads addresses as pfr_buf_load does: white space separates words, and `#` begins a comment. One bad word makes all words unused. */
function readAddresses() {
  const from = given.f?.[0];
  if (from !== undefined && from !== '-') usage();
  const text = from === '-' ? readFileSync(0, 'utf8').replaceAll(/#.*/g, '') : '';
  const words = [...rest, ...text.split(/\s+/).filter(Boolean)];
  const bad = words.find((word) => !isNetwork(word));
  if (bad !== undefined) {
    process.stderr.write(`no IP address found for ${bad}\n`);
    failed(from === '-' ? 'cannot load -: Invalid argument' : 'Invalid argument');
  }
  return words;
}

/** Carries out the option -k. The first -k names a source, and a second -k names a destination. */
function kill() {
  if (given.k.length > 2 || rest.length > 0) usage();
  const [from] = given.k;
  if (!isNetwork(from)) stop(`pfctl: getaddrinfo: ${from}: name does not resolve`, 1);
  const before = state.states.length;
  state.states = state.states.filter((address) => !contains(from, address));
  save();
  if (!given.q)
    process.stderr.write(`killed ${before - state.states.length} states from 1 sources and ${given.k.length - 1} destinations\n`);
}

function contains(network, address) {
  const [first, prefix] = network.split('/');
  const family = isIP(first) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(first, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function isNetwork(text) {
  const [address, prefix, ...more] = text.split('/');
  if (more.length > 0 || isIP(address) === 0) return false;
  return prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= (isIP(address) === 6 ? 128 : 32));
}
