import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { compilePattern } from '../../src/filters/compile.ts';
import { createMatcher, type Filter } from '../../src/filters/match.ts';
import { batchOf, hitLine, recordingLog, shipped } from '../support/filters-lines.ts';

const spamtrap = shipped('postfix-spamtrap');

/** Polynomial of a degree that 8 KiB of `a` take for ever; the compiler lets it through, because it is not exponential. */
const SLOW = '^<prefix><queue-id>: discard: RCPT from <client>: .*a.*a.*a.*a.*a.*a.*! triggers spamtrap';

/** The shipped filter with a slow rule in front. */
const slowed: Filter = {
  ...spamtrap,
  file: 'slow.yaml',
  rules: [
    { name: 'slow', on: true, final: false, patterns: [compilePattern(SLOW, {}, (text) => new ConfigError(text))] },
    ...spamtrap.rules,
  ],
};

describe('a rule that takes too long', () => {
  const hostile = hitLine({ client: 'a[192.0.2.66]', helo: 'a'.repeat(8000) });
  const plain = Array.from({ length: 450 }, (_, index) => hitLine({ client: `a[198.51.100.${(index % 250) + 1}]` }));
  const lines = [...plain.slice(0, 300), hostile, ...plain.slice(300)].join('\n');

  it('is set aside, and no hit of the other rules is lost or doubled', () => {
    const log = recordingLog();
    const matcher = createMatcher([{ jail: 'spamtrap', filter: slowed, rules: {} }], { log, timeLimit: 50 });
    const expected = createMatcher([{ jail: 'spamtrap', filter: spamtrap, rules: {} }], { log }).match(batchOf(lines));
    expect(expected).toHaveLength(451);
    expect(matcher.match(batchOf(lines))).toEqual(expected);
    expect(log.texts).toEqual([
      'slow.yaml: rule "slow" took more than 50 ms for 200 lines at most, rewrite its pattern; jail "spamtrap" goes on without it until a reload',
    ]);
    expect(matcher.rules().find((rule) => rule.rule === 'slow')?.setAside).toBe('took more than 50 ms for 200 lines at most');
    expect(matcher.rules().filter((rule) => rule.setAside !== null)).toHaveLength(1);
    expect(matcher.match(batchOf(lines))).toEqual(expected);
    expect(log.texts).toHaveLength(1);
  });

  it('is set aside in its own jail only', () => {
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

  it('are never set aside by lines made of what they look for', () => {
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
