// Parses the rules of an anchor as parse.y does, and prints them as `pfctl -s rules` does: a rule with several ports is printed as one rule for
// each port.
import { readFileSync } from 'node:fs';
import { stop } from './words.mjs';

/** The keywords in parse.y of OpenBSD and FreeBSD. */
const KEYWORDS = new Set(
  readFileSync(new URL('./keywords', import.meta.url), 'utf8')
    .split(/\s+/)
    .filter(Boolean),
);

/** The names that FreeBSD prints instead of port numbers (print_port). */
const SERVICES = { 25: 'smtp', 80: 'http', 465: 'smtps', 587: 'submission' };

const RULE =
  /^block (?<how>drop|return) in quick (?<proto>proto tcp )?from <(?<table>[^>]*)> to any(?: port \{ (?<ports>\d+(?:,\d+)*) \})?$/;

/** Returns the rules of a text, and the tables that it declares. Ends the program when parse.y would refuse the text. */
export function parseRules(text) {
  const tables = [];
  const rules = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const declared = /^table <([^>]*)> persist$/.exec(line)?.[1];
    const rule = RULE.exec(line)?.groups;
    const table = declared ?? rule?.table;
    if (table === undefined || !isName(table)) fail(`stdin:${index + 1}: syntax error`);
    if (table.length > 31) fail(`stdin:${index + 1}: table name too long, max 31 chars`);
    if (declared === undefined) rules.push({ ...rule });
    else tables.push(declared);
  }
  return { tables, rules };
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  stop('pfctl: Syntax error in config file: pf rules not loaded', 1);
}

/** True for a STRING of yylex in parse.y. It is no number and no keyword, and has none of the characters that end a string. */
function isName(text) {
  return /^[A-Za-z0-9:_][^\s(){}<>!=/#,]*$/.test(text) && !/^\d+$/.test(text) && !KEYWORDS.has(text);
}

/** The lines that pfctl prints for a rule. A rule of /etc/pf.conf is stored as its printed text. */
export function printed(rule, system) {
  if (typeof rule === 'string') return [rule];
  const { how, proto = '', table, ports } = rule;
  const start = `block ${how} in quick ${proto}from <${table}> to any`;
  const shown = (port) => (system === 'freebsd' ? (SERVICES[port] ?? port) : port);
  return ports === undefined ? [start] : ports.split(',').map((port) => `${start} port = ${shown(port)}`);
}
