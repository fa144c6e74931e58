import { describe, expect, it } from 'vitest';
import { createMatcher, type Filter } from '../../../src/filters/match.ts';
import { FEW_STEPS, stepsOf, takeFewSteps } from '../../../src/filters/rules/runner.ts';
import { batchOf, hitLine, matcherOf, recordingLog, shipped } from '../../support/filters/lines.ts';
import { compiled } from '../../support/filters/patterns.ts';
import { where } from '../../support/config/where.ts';

const spamtrap = shipped('postfix-spamtrap');

/** A pattern that needs years for 8 KiB of `a`. The compiler accepts this pattern, because its time is polynomial and not exponential. */
const SLOW = '^<prefix><queue-id>: discard: RCPT from <client>: .*a.*a.*a.*a.*a.*a.*! triggers spamtrap';

/** The shipped filter with a slow rule before its other rules. */
const slowed: Filter = {
  ...spamtrap,
  file: 'slow.yaml',
  rules: [{ name: 'slow', on: true, final: false, patterns: [compiled(SLOW)] }, ...spamtrap.rules],
};

describe('a rule that takes too long', () => {
  const hostile = hitLine({ client: 'a[192.0.2.66]', helo: 'a'.repeat(8000) });
  const plain = Array.from({ length: 450 }, (_, index) => hitLine({ client: `a[198.51.100.${(index % 250) + 1}]` }));
  const lines = [...plain.slice(0, 300), hostile, ...plain.slice(300)].join('\n');

  it('is set aside, and no hit of the other rules is lost or counted twice', () => {
    const log = recordingLog();
    const matcher = createMatcher([{ jail: 'spamtrap', filter: slowed, rules: {} }], { log, timeLimit: 50 });
    const expected = createMatcher([{ jail: 'spamtrap', filter: spamtrap, rules: {} }], { log }).match(batchOf(lines));
    expect(expected).toHaveLength(451);
    expect(matcher.match(batchOf(lines))).toEqual(expected);
    expect(log.texts).toEqual([
      'slow.yaml: rule "slow" took more than 50 ms for up to 200 lines, rewrite its pattern; jail "spamtrap" goes on without it until a reload',
    ]);
    expect(matcher.rules().find((rule) => rule.rule === 'slow')?.setAside).toBe('took more than 50 ms for up to 200 lines');
    expect(matcher.rules().filter((rule) => rule.setAside !== null)).toHaveLength(1);
    expect(matcher.match(batchOf(lines))).toEqual(expected);
    expect(log.texts).toHaveLength(1);
  });

  it('is set aside only in its own jail', () => {
    const log = recordingLog();
    const watches = [
      { jail: 'one', filter: slowed, rules: {} },
      { jail: 'two', filter: spamtrap, rules: {} },
    ];
    const matcher = createMatcher(watches, { log, timeLimit: 50 });
    const hits = matcher.match(batchOf(lines));
    expect(hits.filter((hit) => hit.jail === 'two')).toHaveLength(451);
    expect(matcher.rules().filter((rule) => rule.setAside !== null)).toHaveLength(1);
  });
});

describe('the shipped rules', () => {
  const pieces = [
    '>: Recipient address triggers spamtrap',
    '>: Sender address triggers spamtrap; from=<"',
    '> to=<',
    ' proto=ESMTP helo=<',
    '> sasl_method=PLAIN sasl_username=',
    '"',
    '\\"',
    ' ',
    ';',
    '@[',
    'a',
  ];

  it('are never set aside for lines that consist of their search texts', () => {
    const log = recordingLog();
    const matcher = createMatcher([{ jail: 'spamtrap', filter: spamtrap, rules: { authenticated: true } }], { log });
    const hostile = pieces.flatMap((one) =>
      pieces.map((other) => hitLine({ recipient: (one + other).repeat(8192 / (one + other).length) })),
    );
    matcher.match(batchOf(hostile.join('\n')));
    expect(log.texts).toEqual([]);
    expect(matcher.rules().every((rule) => rule.setAside === null)).toBe(true);
  });
});

// The degree of a pattern: the number of matching steps grows at most with this power of the length of the line.
describe('stepsOf', () => {
  it('returns the number of ways to split a line of this length, for a pattern of this degree', () => {
    expect(stepsOf(1, 100)).toBe(100);
    expect(stepsOf(2, 100)).toBe(5000);
    expect(stepsOf(3, 100)).toBeCloseTo(1_000_000 / 6);
    expect(stepsOf(Infinity, 100)).toBe(Infinity);
  });
});

const line = (length: number, jails: readonly number[] = [0]): { text: string; jails: readonly number[] } => ({
  text: 'x'.repeat(length),
  jails,
});

describe('lines that are matched without a time limit', () => {
  it('need at most 50 million steps', () => {
    expect(FEW_STEPS).toBe(50_000_000);
    // A pattern of degree 2 needs 50 million steps for a line of 10,000 characters.
    expect(takeFewSteps([line(10_000)], [[2]])).toBe(true);
    expect(takeFewSteps([line(10_000), line(1, [1])], [[2], [1]])).toBe(false);
    expect(takeFewSteps([line(10_001)], [[2]])).toBe(false);
  });

  it('share this limit, over all patterns of all their jails', () => {
    expect(takeFewSteps(Array(4).fill(line(5000)), [[2]])).toBe(true);
    expect(takeFewSteps(Array(5).fill(line(5000)), [[2]])).toBe(false);
    expect(takeFewSteps([line(5000)], [[2, 2, 2, 2]])).toBe(true);
    expect(takeFewSteps([line(5000)], [[2, 2, 2, 2, 2]])).toBe(false);
    expect(
      takeFewSteps(
        [line(5000, [0, 1])],
        [
          [2, 2],
          [2, 2],
        ],
      ),
    ).toBe(true);
    expect(
      takeFewSteps(
        [line(5000, [0, 1])],
        [
          [2, 2],
          [2, 2, 2],
        ],
      ),
    ).toBe(false);
    expect(
      takeFewSteps(
        [line(5000, [0])],
        [
          [2, 2],
          [2, 2, 2],
        ],
      ),
    ).toBe(true);
  });

  it('belong to no jail that has a pattern of unknown degree', () => {
    expect(takeFewSteps([line(1)], [[Infinity]])).toBe(false);
  });
});

describe('a rule that relies on the end of the line', () => {
  const pattern = '^<prefix>login name=(?<trap>.*) client=<client>, failed$';
  const filter: Filter = {
    ...spamtrap,
    rules: [{ name: 'login', on: true, final: false, patterns: [compiled(pattern)] }],
    literals: ['login name='],
  };
  const start = 'Jun  1 10:00:00 mx postfix/smtpd[1]: login name=';
  const end = ' client=a[192.0.2.1], failed';
  const ofLength = (length: number): string => `${start}${'x'.repeat(length - start.length - end.length)}${end}`;

  it('matches lines of up to 1000 characters, because longer lines may have been cut', () => {
    expect(matcherOf(filter).match(batchOf(ofLength(1000)))).toHaveLength(1);
    expect(matcherOf(filter).match(batchOf(ofLength(1001)))).toEqual([]);
  });

  it("finds no hit in a long line that ends with a client's text", () => {
    const planted = `${start}${'x'.repeat(1000)}${end.replace('192.0.2.1', '198.51.100.1')}`;
    expect(matcherOf(filter).match(batchOf(planted))).toEqual([]);
  });
});

/** Makes a matcher for a jail with these rules. */
const make = (rules: Record<string, boolean>) => () =>
  createMatcher([{ jail: 'one', filter: spamtrap, rules, where }], { log: recordingLog() });

describe('a rule that the filter does not have', () => {
  it('is refused with its place in the configuration', () => {
    expect(make({ recipent: true })).toThrow(
      'rules.recipent key: filter "postfix-spamtrap" has no rule "recipent", did you mean "recipient"?',
    );
    expect(make({ something: true })).toThrow(
      'has no rule "something", known are authenticated, recipient, sender, helo, client, data',
    );
  });
});
