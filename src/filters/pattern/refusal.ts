// Makes the error for a pattern for which a client can forge a line. If possible, the error shows a forged line, and a pattern that would
// pass.
import type { Expanded } from './blocks.ts';
import { CLIENT, STRANGER, type Forgery, type Shape } from './forgery.ts';
import type { Stretch } from './stretches.ts';
import type { Fault, Piece } from './syntax.ts';

/** The pattern that is refused. */
export interface Refused {
  readonly written: string;
  readonly expanded: Expanded;
  readonly address: Piece;
  readonly shape: Shape;
  readonly regexp: RegExp;
}

/** Makes the error that refuses a pattern. `passes` checks a pattern that is proposed instead. */
export function refusal(refused: Refused, forgery: Forgery, passes: (candidate: string) => boolean, fault: Fault): Error {
  const { written, expanded, address, shape } = refused;
  const stretches = shape.stretches.map((one) => ({
    ...one,
    start: expanded.offsetOf(one.start),
    end: expanded.offsetOf(one.end),
  }));
  const free = stretches.find(({ beforeAddress }) => beforeAddress);
  const { start, end } = free ?? { start: expanded.offsetOf(address.start), end: expanded.offsetOf(address.end) };
  const quoted = `"${written.slice(start, end)}"`;
  const what = free
    ? `variable piece ${quoted} before the client address`
    : `the client address ${quoted} can be found in two places`;
  const better = forgery.kind === 'unproven' ? undefined : candidatesFor(written, stretches).find(passes);
  return fault(`${what}, ${adviceFor(written, better, free !== undefined, forgery)}; ${harmOf(refused, forgery)}`, start);
}

function adviceFor(written: string, better: string | undefined, free: boolean, { kind }: Forgery): string {
  if (kind === 'unnamed') return 'begin with fixed text that no other line of the program begins with';
  if (better === undefined) {
    return free
      ? 'use fixed text and building blocks instead, or use only these after the address and end the pattern with "$"'
      : 'add fixed text before and after it';
  }
  return better.endsWith('$') && !written.endsWith('$') ? `write "${better}" if its lines end there` : `write "${better}"`;
}

const HARM = {
  unproven: 'it would take too long to prove that a client cannot write another address into the line',
  unnamed: 'another line may end with an address that a client has written',
};

function harmOf({ shape, regexp }: Refused, forgery: Forgery): string {
  if (forgery.kind !== 'forged') return HARM[forgery.kind];
  const line = forgery.lines.find((one) => regexp.exec(sampleOf(shape, one))?.groups?.['address'] === STRANGER);
  if (line === undefined) return 'a client could write another address into the line';
  return `the client ${CLIENT} could get ${STRANGER} banned with "${line}"`;
}

/** Makes a whole line from a line that a search found. It has a prefix, if the pattern has one. */
function sampleOf({ program }: Shape, line: string): string {
  if (program === undefined) return line;
  return `Jan  1 00:00:00 mx ${program === 'smtpd' ? 'postfix/smtpd' : program}[1]: ${line}`;
}

/**
 * Forms of a piece, each with a text that can replace it. ANYWHERE applies to the whole pattern. BEHIND applies only behind the address,
 * where the server writes most of the line itself.
 */
const ANYWHERE: readonly (readonly [RegExp, string])[] = [
  [/^(?:\\d|\[0-9\])(?:[*+]|\{[0-9,]+\})?\??$/, '<number>'],
  [/^(?:\\s| |\[ \]|\[\\s\])(?:[*+]|\{[0-9,]+\})?\??$/, ' '],
];
const BEHIND: typeof ANYWHERE = [[/^\[(?=[^\]]*[.:])[0-9a-fA-F.:\\-]+\](?:[*+]|\{[0-9,]+\})$/, '<local-address>']];

/**
 * Patterns that may pass: with building blocks instead of stretches, with `$` at the end, and with both. Offsets are offsets in the
 * pattern as written.
 */
function candidatesFor(written: string, stretches: readonly Stretch[]): readonly string[] {
  const improved = stretches.reduceRight((text, { start, end, beforeAddress }) => {
    const known = beforeAddress ? ANYWHERE : [...ANYWHERE, ...BEHIND];
    const better = known.find(([form]) => form.test(text.slice(start, end)))?.[1];
    return better === undefined ? text : `${text.slice(0, start)}${better}${text.slice(end)}`;
  }, written);
  const all = written.endsWith('$') ? [improved] : [improved, `${written}$`, `${improved}$`];
  return [...new Set(all)].filter((candidate) => candidate !== written);
}
