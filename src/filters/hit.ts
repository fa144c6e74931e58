// Makes a hit from a rule that matched a line.
import { hash } from 'node:crypto';
import { parseAddress } from '../lib/address.ts';
import { parseTimestamp } from '../lib/text/timestamp.ts';
import type { Millis } from '../words/ports.ts';
import type { Hit } from '../words/walk.ts';
import { ANY_START, HOST_OF, writerOf } from './linestart/linestart.ts';

/** A rule that matched a line. */
export interface Found {
  readonly jail: string;
  readonly rule: string;
  /** The named groups of the pattern, as latin1. */
  readonly groups: Readonly<Record<string, string | undefined>>;
}

/**
 * The longest field in bytes; a longer field is cut. SMTP allows addresses of 254 characters (RFC 5321 section 4.5.3.1.3), and Postfix logs
 * 2000 bytes.
 */
const FIELD_BYTES = 512;

/** The first bytes of a line that are shown when its date cannot be read. */
const SHOWN = 40;

/**
 * Returns the hit of a line. `text`: the line in a usual form, see usualForm. `written`: the line as it is written, whose date is read.
 * `live`: the line is new in a followed log, so its `zone` is wanted, which `zoned` completes. `dated`: when the line was written, if its
 * envelope shows that; the date of the line is then not read. Undefined: the text of the group `address` is no valid address, for example
 * `unknown` or `999.1.1.1`.
 */
export function hitOf(
  found: Found,
  text: string,
  near: Millis,
  written = text,
  { live = false, dated }: { readonly live?: boolean; readonly dated?: Millis | undefined } = {},
): Hit | undefined {
  const address = parseAddress(found.groups['address'] ?? '');
  if (address === undefined) return undefined;
  const stamp = dated === undefined ? parseTimestamp(written, near) : { at: dated, local: false };
  const at = stamp?.at ?? near;
  const fields: Record<string, string> = {};
  for (const name in found.groups) {
    const value = found.groups[name];
    if (name !== 'address' && value !== undefined) fields[name] = decode(value.slice(0, FIELD_BYTES));
  }
  // journald drops blanks at the end of a message, so the key must not depend on them.
  const message = text.slice(ANY_START.exec(text)?.[0].length ?? 0).trimEnd();
  const hit = { jail: found.jail, rule: found.rule, address, at, key: keyOf(at, message), fields };
  if (live && stamp?.local === true) return { ...hit, zone: { writer: writerOf(text), ahead: 0 } };
  return stamp ? hit : { ...hit, undated: decode(written.slice(0, SHOWN)) };
}

const NOT_ASCII = /[^\x20-\x7e]/;

/** Decodes a latin1 field as UTF-8. Invalid bytes become U+FFFD. */
function decode(value: string): string {
  return NOT_ASCII.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

/** The key of a hit. It depends only on the message and the second, not on the format of the log. */
export function keyOf(at: Millis, message: string): string {
  return hash('sha256', `${Math.floor(at / 1000)} ${message}`, 'hex').slice(0, 16);
}

/** The host that wrote a line; undefined in RFC 5424, where syslogd writes no lines about repeats. */
export function hostOf(text: string): string | undefined {
  return HOST_OF.exec(text)?.groups?.['host'];
}
