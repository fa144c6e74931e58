import { describe, expect, it } from 'vitest';
import { forgeExamples } from '../../src/filters/forge.ts';
import { compileFilter, type CompiledFilter } from '../../src/filters/file/load.ts';
import { createMatcher } from '../../src/filters/match.ts';
import type { Batch } from '../../src/words/walk.ts';
import { FILTERS, recordingLog, shipped } from '../support/filters/lines.ts';
import { compiled } from '../support/filters/patterns.ts';

const START = 'Jun  1 10:00:00 mx postfix/smtpd[1]: ';

/** A filter with an accepted pattern. If `matched` is given, the filter matches lines with `matched` instead, and a client may forge hits. */
function filterOf(pattern: string, lines: readonly (readonly [line: string, address: string])[], matched?: RegExp): CompiledFilter {
  const good = compiled(pattern);
  const patterns = [{ ...good, regexp: matched ?? good.regexp }];
  return {
    ...shipped('postfix-spamtrap'),
    rules: [{ name: 'login', on: true, final: false, patterns }],
    literals: ['login '],
    examples: lines.map(([line, address], index) => ({
      line: `${START}${line}`,
      expected: address === '' ? undefined : { address, rule: 'login', fields: {} },
      where: `own.yaml:${index + 1}:1`,
    })),
  };
}

/** Tries forged hits in the examples of a filter. Returns the problems that were found, and the lines that were tried. */
function forge(filter: CompiledFilter): { problems: readonly string[]; tried: readonly string[] } {
  const matcher = createMatcher([{ jail: 'one', filter, rules: {} }], { log: recordingLog() });
  const tried: string[] = [];
  const problems = forgeExamples(filter, (batch: Batch) => {
    tried.push(batch.bytes.toString('latin1').replace(START, '').trimEnd());
    return matcher.match(batch);
  });
  return { problems, tried };
}

const CLOSED = '^<prefix>login name=(?<trap>[A-Za-z0-9.-]+) client=<client>, failed$';
const OPEN = /^.*?: login name=[A-Za-z0-9.-]+ client=[a-z]+\[(?<address>[0-9a-f.:]+)\], failed/;
const EXAMPLE = ['login name=bob client=real[203.0.113.9], failed', '203.0.113.9'] as const;

describe('an example', () => {
  it('of a good filter finds only its own client', () => {
    expect(forge(filterOf(CLOSED, [EXAMPLE])).problems).toEqual([]);
  });

  it('that a client can forge is reported as a problem, with a line that would ban a stranger', () => {
    expect(forge(filterOf(CLOSED, [EXAMPLE], OPEN)).problems).toEqual([
      `own.yaml:1:1: example can be forged, 203.0.113.9 could get 198.51.100.1 banned by rule "login" with "${START}login name=bob client=real[198.51.100.1], failedbob client=real[203.0.113.9], failed"`,
    ]);
  });

  it('leads to at most one problem, and the other examples are still checked', () => {
    const lines = [EXAMPLE, ['login name=eve client=real[192.0.2.7], failed', '192.0.2.7'] as const];
    expect(forge(filterOf(CLOSED, lines, OPEN)).problems.map((problem) => problem.split(': ')[0])).toEqual([
      'own.yaml:1:1',
      'own.yaml:2:1',
    ]);
  });

  it('is also tried with a forged IPv6 address', () => {
    const only6 = /^.*?: login name=.* client=[a-z]+\[(?<address>[0-9a-f]*:[0-9a-f:]+|203\.0\.113\.9)\], failed/;
    expect(forge(filterOf(CLOSED, [EXAMPLE], only6)).problems).toEqual([]);
    const first6 = /^.*?: login name=.*? client=[a-z]+\[(?<address>[0-9a-f]*:[0-9a-f:]+|203\.0\.113\.9)\], failed/;
    expect(forge(filterOf(CLOSED, [EXAMPLE], first6)).problems[0]).toContain('could get 2001:db8:ffff::1 banned');
  });

  it('is tried with another forged address when its client has the usual forged address', () => {
    const line = ['login name=bob client=real[198.51.100.1], failed', '198.51.100.1'] as const;
    expect(forge(filterOf(CLOSED, [line], OPEN)).problems[0]).toContain('198.51.100.1 could get 192.0.2.99 banned');
  });

  it.each([
    ['that is no hit', ['login name=bob', ''] as const],
    ['with another result than expected', ['login name=bob client=real[203.0.113.9], failed', '203.0.113.8'] as const],
    ['with an invalid address', ['login name=bob client=real[203.0.113.9], failed', 'nobody'] as const],
  ])('%s is not tried', (_title, line) => {
    expect(forge(filterOf(CLOSED, [line])).tried).toEqual([]);
  });
});

describe('a forged hit', () => {
  const { tried } = forge(filterOf(CLOSED, [EXAMPLE]));

  it('is inserted at every position of each stretch that a client can write, and nowhere else', () => {
    const planted = ' client=real[198.51.100.1], failed';
    expect(
      tried.filter((line) => line.includes(planted) && line.split('name=').length === 2 && !line.includes(`bob${planted}`)),
    ).toEqual(expect.arrayContaining([`login name=${planted}bob client=real[203.0.113.9], failed`]));
    for (const [before, behind] of [
      ['', 'bob'],
      ['b', 'ob'],
      ['bo', 'b'],
      ['bob', ''],
    ]) {
      expect(tried).toContain(`login name=${before}${planted}${behind} client=real[203.0.113.9], failed`);
    }
    expect(tried.every((line) => /^login name=.* client=real\[203\.0\.113\.9\], failed$/s.test(line))).toBe(true);
  });

  it('is inserted as a whole line, as a message, and as the part of a message after the start or the end of the stretch', () => {
    const hit = 'login name=bob client=real[198.51.100.1], failed';
    const genuine = ' client=real[203.0.113.9], failed';
    for (const plant of [`${START}${hit}`, hit, hit.slice(11), hit.slice(14)])
      expect(tried).toContain(`login name=bob${plant}${genuine}`);
  });

  it('is tried in at most fifty thousand lines, which are evenly distributed over all positions', () => {
    const long = `login name=${'b'.repeat(700)} client=real[203.0.113.9], failed`;
    const positions = new Set<number>();
    let made = 0;
    forgeExamples(
      filterOf(
        CLOSED,
        Array.from({ length: 20 }, () => [long, '203.0.113.9'] as const),
      ),
      ({ bytes }) => {
        made += 1;
        positions.add(bytes.indexOf(' client=real[198.51.100.1]'));
        return [];
      },
    );
    expect(made).toBeLessThanOrEqual(50_000);
    expect(made).toBeGreaterThan(25_000);
    expect(positions.size).toBeGreaterThan(100);
    expect(Math.max(...positions)).toBeGreaterThan(700);
  });

  it('is tried in 1,000 to 10,000 lines for each shipped filter', () => {
    for (const name of ['postfix-spamtrap', 'postfix-redirect', 'postfix-reject-trap']) {
      let made = 0;
      forgeExamples(compileFilter(name, { folders: [FILTERS], names: ['postfix*', 'mailgw'] }), () => {
        made += 1;
        return [];
      });
      expect(made).toBeGreaterThan(1000);
      expect(made).toBeLessThan(10_000);
    }
  });
});
