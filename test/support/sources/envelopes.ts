// Lines in envelopes, and the hits that the shipped filter finds in them.
import { createMatcher } from '../../../src/filters/match.ts';
import { Envelope } from '../../../src/sources/envelope/envelope.ts';
import type { EnvelopeKind } from '../../../src/sources/options.ts';
import type { Hit } from '../../../src/words/walk.ts';
import { recordingLog, shipped } from '../filters/lines.ts';

/** The instant at which the lines are read. */
export const READ_AT = Date.parse('2026-11-28T18:00:00Z');

/** The client of every genuine hit. */
export const CLIENT = '192.0.2.10';

/** The message of a hit. Parts of it can be replaced by text of the client. */
export function message({ client = `unknown[${CLIENT}]`, recipient = 'trap@example.org', helo = 'h.example.com' } = {}): string {
  return (
    `NOQUEUE: discard: RCPT from ${client}: <${recipient}>: Recipient address triggers spamtrap; ` +
    `from=<a@example.com> to=<trap@example.org> proto=ESMTP helo=<${helo}>`
  );
}

/** A line of Postfix in the form of RFC 3164. */
export const line = (parts?: Parameters<typeof message>[0]): string => `Nov 28 17:00:00 mx postfix/smtpd[1]: ${message(parts)}`;

/** A record of Docker's driver json-file, escaped as Go does it. */
export function dockerRecord(log: string, stream = 'stdout', time = '2026-11-28T17:00:00.467434244Z'): string {
  const escaped = JSON.stringify({ log, stream, time });
  return escaped
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('>', String.raw`\u003e`)
    .replaceAll('&', String.raw`\u0026`);
}

const matcher = createMatcher(
  ['postfix-spamtrap', 'postfix-redirect', 'postfix-reject-trap'].map((name) => ({ jail: name, filter: shipped(name), rules: {} })),
  { log: recordingLog() },
);

/** The hits in these lines, which are read as one batch each when they are given as lists. */
export function hitsIn(
  lines: string | readonly (readonly string[])[],
  kind: EnvelopeKind = 'auto',
  source = 'test',
): readonly Hit[] {
  const envelope = new Envelope(kind);
  return (typeof lines === 'string' ? [[lines]] : lines).flatMap((texts) => {
    const batch = { source, bytes: Buffer.from(texts.map((text) => `${text}\n`).join('')), at: READ_AT };
    return matcher.match({ ...batch, envelopes: envelope.of(batch), cursor: undefined });
  });
}

/** The addresses and dates of the hits in a line: `192.0.2.10 2026-11-28T17:00:00.000Z`; `undated` in place of a date that cannot be read. */
export function found(text: string, kind?: EnvelopeKind): readonly string[] {
  return hitsIn(text, kind).map(
    (hit) => `${hit.address} ${hit.undated === undefined ? new Date(hit.at).toISOString() : 'undated'}`,
  );
}
