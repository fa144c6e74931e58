import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AllowList, Judge } from '../src/decision/decide.ts';
import { createMatcher } from '../src/filters/match.ts';
import { parseTimestamp } from '../src/lib/text/timestamp.ts';
import { Envelope } from '../src/sources/envelope/envelope.ts';
import type { Millis } from '../src/words/ports.ts';
import type { Hit } from '../src/words/walk.ts';
import { address, clean, policy } from './support/decision/words.ts';
import { NEAR, recordingLog, shipped } from './support/filters/lines.ts';
import { readSources } from './support/source-tree.ts';
import { inZone } from './support/zone.ts';

/** One case: an input that other software got wrong, and the result that Trapline must give. */
interface Case {
  readonly id: string;
  readonly area: string;
  readonly input: unknown;
  /** The expected result as a sentence. */
  readonly expect: string;
  /** The expected results in a form that this test can check. */
  readonly checks?: readonly Check[];
}

interface Check {
  /** The text of the trap, if it is not the default of the filter. */
  readonly text?: string;
  /** The rules that are switched on or off, if they are not the default of the filter. */
  readonly rules?: Readonly<Record<string, boolean>>;
  /** All hits of all shipped filters. */
  readonly finds?: readonly Finding[];
  /** All bans after the hits of the case, when `maxretry` hits lead to a ban. */
  readonly bans?: readonly string[];
  readonly maxretry?: number;
  /** The instant of the line, when the line is read at the instant `near`. */
  readonly instant?: string;
  readonly near?: string;
}

/** An expected hit. Each jail has the name of its filter. A time `at` without an offset is in the time zone of this process. */
interface Finding {
  readonly jail: string;
  readonly address: string;
  readonly rule?: string;
  readonly at?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Cases of other software that do not apply to Trapline, with the reason for each. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  P24: 'a mail that postscreen rejects is no mail to a trap; another test checks that such a mail is no hit',
  P25: 'a failed login is no mail to a trap, so no filter counts it',
  A01: 'host names in the allow-list are refused, with the advice to write addresses',
  A03: 'SPF records are not expanded; the allow-list takes addresses, networks, and files of addresses and networks',
  A05: 'Trapline uses no resolver; a test checks that the last good list stays in force when its file cannot be read',
  C01: 'Trapline shares no bans with other hosts',
  C02: 'Trapline shares no bans with other hosts',
  C03: 'Trapline counts only the hits of its own host',
  C04: 'Trapline shares no allow-list with other hosts',
  G01: 'Trapline does no greylisting',
  G02: 'Trapline does no greylisting and ships no allow-list',
  G03: 'Trapline is no policy server: Postfix sends it no queries and does not wait for it',
  G05: 'Trapline does no greylisting',
  G06: 'a hit is a line of the log, and a line names only one recipient of the mail',
  G07: 'Trapline has no tarpit; tests check the limits of the control socket',
};

const cases = readFileSync(join(import.meta.dirname, 'fixtures', 'cases.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

const FILTERS = ['postfix-spamtrap', 'postfix-redirect', 'postfix-reject-trap'];

/** The text that replaces everything from the first `…` in a shortened line. */
const REST =
  'mx1 postfix/smtpd[4711]: NOQUEUE: discard: RCPT from a[192.0.2.1]: <trap@example.org>: Recipient address triggers spamtrap; from=<a@example.com> to=<trap@example.org> proto=ESMTP helo=<h.example.com>';

/** The command that stands for the present date in a line: its writer has the zone UTC. */
const DATE_COMMAND = '$(TZ=UTC date "+%b %e %H:%M:%S")';

/** The output of DATE_COMMAND at an instant. */
function dateAt(at: Millis): string {
  const [, day = '', month = '', , time = ''] = new Date(at).toUTCString().split(' ');
  return `${month} ${day.replace(/^0/, ' ')} ${time}`;
}

/** The lines of a case. */
interface Lines {
  readonly lines: readonly string[];
  /** The instant at which they are read. */
  readonly near: Millis;
  /** The time zone of the process that reads them. */
  readonly zone: string;
  /** True when they are written at the instant `near` into a followed log. */
  readonly live: boolean;
}

function linesOf({ input }: Case): Lines {
  const { line, now, tz, daemonTZ, live } = (typeof input === 'object' && !Array.isArray(input) ? input : {}) as Record<
    string,
    string
  >;
  const lines = [line ?? input].flat() as readonly string[];
  const near = now === undefined ? NEAR : Date.parse(now.replace(' UTC', 'Z'));
  return {
    lines: lines.map((text) => text.replace(/….*$/, REST).replace(DATE_COMMAND, dateAt(near))),
    near,
    zone: tz ?? daemonTZ ?? 'UTC',
    live: live !== undefined,
  };
}

function hitsOf(one: Case, { text, rules = {} }: Check): readonly Hit[] {
  const { lines, near, zone, live } = linesOf(one);
  const jails = FILTERS.map((name) => ({
    jail: name,
    filter: shipped(name, name === 'postfix-spamtrap' ? text : undefined),
    rules,
  }));
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const matcher = createMatcher(jails, { log: recordingLog() });
  const plain = { source: one.id, bytes, at: near };
  const batch = { ...plain, envelopes: new Envelope('auto').of(plain), cursor: undefined };
  return live ? inZone(zone, () => matcher.match({ ...batch, writtenAfter: near - 1000 })) : matcher.match(batch);
}

/** Makes hits, a second apart, from a text such as `hit 192.0.2.1`. */
function hitsOfWords({ input }: Case): readonly Hit[] {
  return [input].flat().map((words, index) => ({
    jail: 'postfix-spamtrap',
    rule: 'recipient',
    address: address(String(words).replace('hit ', '')),
    at: NEAR + index * 1000,
    key: String(index).padStart(16, '0'),
    fields: {},
  }));
}

function bansOf(hits: readonly Hit[], maxretry: number): readonly string[] {
  const jail = policy({ name: 'postfix-spamtrap', maxretry });
  const judge = new Judge([jail], AllowList.load([jail], { addresses: () => [] }));
  return judge.decide(hits, clean).flatMap((verdict) => (verdict.kind === 'ban' ? [verdict.ban.network] : []));
}

const expected = ({ at, ...rest }: Finding): Record<string, unknown> => ({
  ...rest,
  ...(rest.fields === undefined ? {} : { fields: expect.objectContaining(rest.fields) as unknown }),
  ...(at === undefined ? {} : { at: Date.parse(at) }),
});

const checksOf = (part: (check: Check) => unknown): (readonly [string, string, Case, Check])[] =>
  cases.flatMap((one) =>
    (one.checks ?? []).filter((check) => part(check) !== undefined).map((check) => [one.id, one.expect, one, check] as const),
  );

const isLine = ({ input }: Case): boolean => /: (?:discard|reject|reject_warning|redirect): /.test(JSON.stringify(input));

describe('the list of cases', () => {
  it.each(checksOf((check) => check.finds))('has the right hits for %s: %s', (_id, _words, one, check) => {
    const hits = hitsOf(one, check);
    expect(hits).toEqual((check.finds ?? []).map((finding) => expect.objectContaining(expected(finding)) as unknown));
  });

  it.each(checksOf((check) => check.bans))('has the right bans for %s: %s', (_id, _words, one, check) => {
    const hits = check.finds === undefined ? hitsOfWords(one) : hitsOf(one, check);
    expect(bansOf(hits, check.maxretry ?? 1)).toEqual(check.bans);
  });

  it.each(checksOf((check) => check.instant))(
    'has the right instants for %s: %s',
    (_id, _words, one, { near = '', instant = '' }) => {
      const { lines, zone } = linesOf(one);
      expect(inZone(zone, () => lines.map((line) => parseTimestamp(line, Date.parse(near))?.at))).toEqual([Date.parse(instant)]);
    },
  );

  it('names only cases whose id is in the title of a test', () => {
    const titles = readSources('test')
      .filter(({ path }) => path !== 'cases.test.ts')
      .flatMap(({ lines }) => lines)
      .join('\n');
    const named = (id: string): boolean => new RegExp(`['"\`]${id}(?::|['"\`])`).test(titles);
    expect(cases.map(({ id }) => id).filter((id) => !named(id))).toEqual([]);
  });

  it('has checks for each case with a log line as input', () => {
    // The input of P19 is a line that is written in two halves. A check reads only whole lines, so another test covers this case.
    const others = new Set(['P19']);
    expect(cases.filter((one) => isLine(one) && !one.checks && !others.has(one.id)).map(({ id }) => id)).toEqual([]);
  });

  it('contains no case of LEFT_OUT, and LEFT_OUT gives a reason for each of its cases', () => {
    expect(cases.filter(({ id }) => id in LEFT_OUT)).toEqual([]);
    for (const reason of Object.values(LEFT_OUT)) expect(reason).toMatch(/^\S.{10,}$/);
  });
});
