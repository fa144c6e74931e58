// Checks the shape of answers: another program may listen at the socket. Every command loads this file, so it imports no package.
import type { BanRow, HitsSummary, Status } from '../words/desk.ts';

/** True for a value of a certain shape. */
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
const instant: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** A key that a daemon of a former version does not send. */
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const objectOf = (shape: Readonly<Record<string, Check>>): Check => {
  const checks = Object.entries(shape);
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    checks.every(([key, check]) => check((value as Readonly<Record<string, unknown>>)[key]));
};

const rows = listOf(
  objectOf({
    network: text,
    client: orAbsent(text),
    jail: text,
    since: instant,
    until: orNull(instant),
    offence: number,
    reason: text,
    owed: orAbsent(text),
    replaced: orAbsent(objectOf({ until: orNull(instant), reason: text })),
  }),
);

const bansAnswer = objectOf({ bans: rows });

const summary = objectOf({ hits: number, known: number, spared: number, bans: number, set: rows });

const status = objectOf({
  version: text,
  pid: number,
  host: orAbsent(text),
  since: instant,
  config: orNull(text),
  ledger: text,
  bans: number,
  hits: number,
  unwritten: number,
  pending: orAbsent(listOf(text)),
  ledgerFault: orAbsent(orNull(text)),
  sources: listOf(
    objectOf({
      name: text,
      state: text,
      lines: number,
      bytes: number,
      fault: orAbsent(text),
      blind: orAbsent(flag),
      zones: orAbsent(listOf(objectOf({ writer: text, offset: text }))),
    }),
  ),
  jails: listOf(
    objectOf({
      name: text,
      filter: text,
      stopped: orAbsent(orNull(text)),
      hits: number,
      bans: number,
      spared: number,
      rules: listOf(objectOf({ name: text, setAside: orNull(text) })),
    }),
  ),
  actions: listOf(
    objectOf({
      name: text,
      state: text,
      works: orAbsent(flag),
      blocks: orAbsent(flag),
      owed: number,
      drift: number,
      lastError: orNull(text),
      since: orAbsent(orNull(instant)),
    }),
  ),
  ineffective: orAbsent(listOf(objectOf({ network: text, jail: text, since: text, hits: number, because: text }))),
});

const reloaded = objectOf({ reloaded: (value) => value === true });

/** The shapes of the answers, by their kind. */
const SHAPES = { bans: bansAnswer, status, summary, reloaded } as const;

/** The type of each kind of answer. */
export interface Answers {
  readonly bans: { readonly bans: readonly BanRow[] };
  readonly status: Status;
  readonly summary: HitsSummary;
  readonly reloaded: { readonly reloaded: true };
}

/** The answer as its type. Throws an Error when it has another shape. */
export function answerAs<Kind extends keyof Answers>(kind: Kind, answer: unknown): Answers[Kind] {
  if (SHAPES[kind](answer)) return answer as Answers[Kind];
  throw new Error('its JSON has another form');
}
