// Lines, batches and matchers for tests of filters, and the corpus of real lines of Postfix.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFilter, type CompiledFilter } from '../../../src/filters/file/load.ts';
import { createMatcher, type Filter, type Matcher } from '../../../src/filters/match.ts';
import type { Log } from '../../../src/words/ports.ts';
import type { Batch } from '../../../src/words/walk.ts';

const CHECKOUT = join(import.meta.dirname, '..', '..', '..');
export const FILTERS = join(CHECKOUT, 'filters');
const CORPUS = join(CHECKOUT, 'test', 'fixtures', 'corpus');

/** An instant near the times of the lines in the corpus. */
export const NEAR = Date.UTC(2026, 10, 25, 12);

/** A log that keeps its lines. */
export function recordingLog(): Log & { readonly texts: string[] } {
  const texts: string[] = [];
  const keep = (text: string): void => void texts.push(text);
  return { texts, debug: keep, info: keep, notice: keep, warn: keep, error: keep };
}

export function batchOf(lines: string | Buffer, source = 'test'): Batch {
  const bytes = typeof lines === 'string' ? Buffer.from(lines) : lines;
  return { source, bytes, at: NEAR, cursor: undefined };
}

/** The syslog names of Postfix in the corpus. */
const NAMES = ['postfix*', 'mailgw'];

/** A shipped filter, for the lines of the corpus. */
export function shipped(name: string, text?: string): CompiledFilter {
  return compileFilter(name, { folders: [FILTERS], settings: { text }, names: NAMES });
}

export function matcherOf(filter: Filter, rules: Readonly<Record<string, boolean>> = {}): Matcher {
  return createMatcher([{ jail: 'spamtrap', filter, rules }], { log: recordingLog() });
}

/** A genuine hit in the format of RFC 3164. A test can replace parts of it. */
export function hitLine(
  parts: { client?: string; recipient?: string; sender?: string; helo?: string; login?: string } = {},
): string {
  const {
    client = 'unknown[192.0.2.10]',
    recipient = 'trap@example.org',
    sender = 'a@example.com',
    helo = 'h.example.com',
    login,
  } = parts;
  const end = login === undefined ? '' : ` sasl_method=PLAIN sasl_username=${login}`;
  return (
    `Jun  1 10:00:00 mx1 postfix/smtpd[4711]: NOQUEUE: discard: RCPT from ${client}: <${recipient}>: ` +
    `Recipient address triggers spamtrap; from=<${sender}> to=<trap@example.org> proto=ESMTP helo=<${helo}>${end}`
  );
}

/** The label of a line in the corpus. */
export interface Expected {
  readonly hit: boolean;
  readonly ip: string | null;
  readonly kind: string;
  readonly peer: string | null;
  readonly lenient_hit?: boolean;
  readonly lenient_ip?: string;
  readonly ambiguous?: boolean;
  readonly undecidable?: boolean;
}

/** One line of the corpus, with its newline, as the filters receive it. `expected`: its label. */
export interface Labelled {
  readonly bytes: Buffer;
  readonly expected: Expected;
}

/** The names of the groups of lines, such as `basic.rfc3164`. Each group is in one format. */
export function corpusNames(): readonly string[] {
  return readdirSync(CORPUS)
    .filter((file) => file.endsWith('.expected.jsonl'))
    .map((file) => file.replace('.expected.jsonl', ''));
}

export function readCorpus(name: string): readonly Labelled[] {
  const expected = readFileSync(join(CORPUS, `${name}.expected.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Expected);
  const journal = name.endsWith('.journald');
  const lines = linesOf(readFileSync(join(CORPUS, `${name}.${journal ? 'jsonl' : 'log'}`)));
  if (lines.length !== expected.length) throw new Error(`${name}: ${lines.length} lines, ${expected.length} labels`);
  return expected.map((label, index) => {
    const bytes = lines[index] ?? Buffer.alloc(0);
    return { bytes: journal ? journalLine(JSON.parse(bytes.toString()) as JournalEntry) : bytes, expected: label };
  });
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

interface JournalEntry {
  readonly MESSAGE: string | readonly number[];
  readonly SYSLOG_IDENTIFIER?: string;
  readonly _PID?: string;
  readonly _UID?: string;
  readonly __REALTIME_TIMESTAMP: string;
}

/** The user id of Postfix on the machine where the corpus was made. */
const POSTFIX_UID = '102';

/** Converts an entry to a line, as the journal source does. An entry of a user other than Postfix becomes an empty line. */
function journalLine(entry: JournalEntry): Buffer {
  const { _UID: user, _PID: pid = '0', __REALTIME_TIMESTAMP: micros } = entry;
  if (user !== POSTFIX_UID) return Buffer.from('\n');
  const at = new Date(Number(micros) / 1000).toISOString();
  const message = Buffer.from(typeof entry.MESSAGE === 'string' ? Buffer.from(entry.MESSAGE) : entry.MESSAGE);
  return Buffer.concat([
    Buffer.from(`${at} mx ${entry.SYSLOG_IDENTIFIER ?? '-'}[${pid}]: `),
    message.map((byte) => (byte === 0x0a ? 0x20 : byte)),
    Buffer.from('\n'),
  ]);
}
