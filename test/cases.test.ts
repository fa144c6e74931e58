import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AllowList, Judge } from '../src/decision/decide.ts';
import { createMatcher } from '../src/filters/match.ts';
import { parseTimestamp } from '../src/lib/timestamp.ts';
import type { Hit, Millis } from '../src/types.ts';
import { address, clean, policy } from './support/decision-words.ts';
import { NEAR, recordingLog, shipped } from './support/filters-lines.ts';
import { readSources } from './support/source-tree.ts';

/** What has gone wrong elsewhere, and must go right here. */
interface Case {
  readonly id: string;
  readonly area: string;
  readonly input: unknown;
  /** In words. */
  readonly expect: string;
  /** The same for machines, where the input is lines. */
  readonly checks?: readonly Check[];
}

interface Check {
  /** The text of the trap, and rules switched on, where they are not the filter's own. */
  readonly text?: string;
  readonly rules?: Readonly<Record<string, boolean>>;
  /** All hits of all shipped filters. */
  readonly finds?: readonly Finding[];
  /** What these hits come to: all bans, with so many hits to a ban. */
  readonly bans?: readonly string[];
  readonly maxretry?: number;
  /** The instant of the line, read near another. */
  readonly instant?: string;
  readonly near?: string;
}

/** A jail has the name of its filter here. A time without an offset is one of this machine's zone. */
interface Finding {
  readonly jail: string;
  readonly address: string;
  readonly rule?: string;
  readonly at?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Cases of the trade that are not ours, each with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  P24: 'what postscreen rejects is no mail to a trap; a test by this name says that it is no hit',
  P25: 'failed logins are no mail to a trap: no filter counts them',
  A01: 'host names in the allow-list are refused, with the advice to write addresses',
  A03: 'SPF records are not expanded: the allow-list takes addresses, networks and files of them',
  A05: 'there is no resolver to ask; a file that cannot be read leaves the last good list in force, which is tested',
  C01: 'one host: bans are not shared',
  C02: 'one host: bans are not shared',
  C03: 'one host: hits are not counted together with others',
  C04: 'one host: allow-lists are not shared',
  G01: 'no greylisting',
  G02: 'no greylisting, no shipped allow-list',
  G03: 'no policy server: Postfix asks nothing of Trapline and does not wait for it',
  G05: 'no greylisting',
  G06: 'a hit is a line of the log, which names one recipient; what else the mail was for is not in it',
  G07: 'no tarpit; the control socket has limits of its own, which are tested',
};

const cases = readFileSync(join(import.meta.dirname, 'fixtures', 'cases.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

const FILTERS = ['postfix-spamtrap', 'postfix-redirect', 'postfix-reject-trap'];

/** What stands for the dots of a line that is given in short. */
const REST =
  'mx1 postfix/smtpd[4711]: NOQUEUE: discard: RCPT from a[192.0.2.1]: <trap@example.org>: Recipient address triggers spamtrap; from=<a@example.com> to=<trap@example.org> proto=ESMTP helo=<h.example.com>';

/** The lines of a case, and near which instant they are read. */
function linesOf({ input }: Case): { lines: readonly string[]; near: Millis; zone: string | undefined } {
  const { line, now, tz, daemonTZ } = (typeof input === 'object' && !Array.isArray(input) ? input : {}) as Record<string, string>;
  const lines = [line ?? input].flat() as readonly string[];
  return {
    lines: lines.map((text) => text.replace(/….*$/, REST)),
    near: now === undefined ? NEAR : Date.parse(now.replace(' UTC', 'Z')),
    zone: tz ?? daemonTZ,
  };
}

function hitsOf(one: Case, { text, rules = {} }: Check): readonly Hit[] {
  const { lines, near } = linesOf(one);
  const jails = FILTERS.map((name) => ({
    jail: name,
    filter: shipped(name, name === 'postfix-spamtrap' ? text : undefined),
    rules,
  }));
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return createMatcher(jails, { log: recordingLog() }).match({ source: one.id, bytes, at: near, cursor: undefined });
}

/** `hit 192.0.2.1` as hits, a second apart. */
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

describe('the cases', () => {
  it.each(checksOf((check) => check.finds))('%s: %s', (_id, _words, one, check) => {
    const hits = hitsOf(one, check);
    expect(hits).toEqual((check.finds ?? []).map((finding) => expect.objectContaining(expected(finding)) as unknown));
  });

  it.each(checksOf((check) => check.bans))('%s: %s', (_id, _words, one, check) => {
    const hits = check.finds === undefined ? hitsOfWords(one) : hitsOf(one, check);
    expect(bansOf(hits, check.maxretry ?? 1)).toEqual(check.bans);
  });

  it.each(checksOf((check) => check.instant))('%s: %s', (_id, _words, one, { near = '', instant = '' }) => {
    const { lines, zone } = linesOf(one);
    expect(lines.map((line) => parseTimestamp(line, Date.parse(near), zone)?.at)).toEqual([Date.parse(instant)]);
  });

  it('have each a test by its name', () => {
    const titles = readSources('test')
      .filter(({ path }) => path !== 'cases.test.ts')
      .flatMap(({ lines }) => lines)
      .join('\n');
    const named = (id: string): boolean => new RegExp(`['"\`]${id}(?::|['"\`])`).test(titles);
    expect(cases.map(({ id }) => id).filter((id) => !named(id))).toEqual([]);
  });

  it('that are lines are checked from here', () => {
    // Half a line now and half of it later.
    const others = new Set(['P19']);
    expect(cases.filter((one) => isLine(one) && !one.checks && !others.has(one.id)).map(({ id }) => id)).toEqual([]);
  });

  it('that are left out have a reason, and are not in the list', () => {
    expect(cases.filter(({ id }) => id in LEFT_OUT)).toEqual([]);
    for (const reason of Object.values(LEFT_OUT)) expect(reason).toMatch(/^\S.{10,}$/);
  });
});
