import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freeze, checksumOf, thaw } from '../../../src/filters/file/frozen.ts';
import { compileFilter, loadFilter, type CompiledFilter, type Filter } from '../../../src/filters/file/load.ts';
import { createMatcher } from '../../../src/filters/match.ts';
import { FILTERS, recordingLog } from '../../support/filters/lines.ts';

const NAMES = readdirSync(FILTERS).map((file) => file.replace(/\.yaml$/, ''));

const textOf = (name: string): string => readFileSync(join(FILTERS, `${name}.yaml`), 'utf8');

/** The filters of the package as the build writes them into the bundle. */
const SHIPPED = Object.fromEntries(
  NAMES.map((name) => [checksumOf(textOf(name)), freeze(compileFilter(name, { folders: [FILTERS] }))]),
);

/** A filter without the parts that only the checks need. */
function runnable({ examples: _examples, ...filter }: CompiledFilter): Filter {
  return {
    ...filter,
    rules: filter.rules.map((rule) => ({
      ...rule,
      patterns: rule.patterns.map(({ regexp, degree, longest, program }) => ({ regexp, degree, longest, program })),
    })),
  };
}

/** True when the filter is not compiled again. */
const isReady = (name: string, options: Partial<Parameters<typeof loadFilter>[1]>): boolean =>
  !('examples' in loadFilter(name, { folders: [FILTERS], shipped: SHIPPED, ...options }));

/** Loads a filter with a setting that it does not have. */
const loadWrong = (shipped: Readonly<Record<string, string>>) => (): unknown =>
  loadFilter('postfix-spamtrap', { folders: [FILTERS], settings: { txt: 'x' }, shipped });

describe.each(NAMES)('the shipped filter %s', (name) => {
  it('is equal when it was compiled by the build and when it is compiled at the start', () => {
    const ready = loadFilter(name, { folders: [FILTERS], shipped: SHIPPED });
    const compiled = compileFilter(name, { folders: [FILTERS] });
    expect(ready).toEqual(runnable(compiled));
    expect(ready).not.toHaveProperty('examples');
  });

  it('finds equal hits in all its examples', () => {
    const compiled = compileFilter(name, { folders: [FILTERS] });
    const rules = Object.fromEntries(compiled.rules.map((rule) => [rule.name, true]));
    const bytes = Buffer.from(compiled.examples.map(({ line }) => `${line}\n`).join(''));
    const [ready, own] = [thaw(freeze(compiled), compiled.file), compiled].map((filter) =>
      createMatcher([{ jail: 'one', filter, rules }], { log: recordingLog() }).match({
        source: 'x',
        bytes,
        at: 0,
        cursor: undefined,
      }),
    );
    expect(own?.length).toBeGreaterThan(0);
    expect(ready).toEqual(own);
  });
});

describe('a filter from the build', () => {
  it('is used if nothing differs from the file of the package', () => {
    expect(isReady('postfix-spamtrap', {})).toBe(true);
    expect(isReady('postfix-spamtrap', { settings: { text: undefined } })).toBe(true);
    expect(isReady('postfix-spamtrap', { names: ['postfix*'] })).toBe(true);
    expect(isReady(join(FILTERS, 'postfix-spamtrap.yaml'), { folders: [] })).toBe(true);
  });

  it('is not used if a jail changes a setting, if Postfix has other names, or if there is none', () => {
    expect(isReady('postfix-spamtrap', { settings: { text: 'other words' } })).toBe(false);
    expect(isReady('postfix-spamtrap', { names: ['postfix*', 'mail-in'] })).toBe(false);
    expect(isReady('postfix-spamtrap', { shipped: {} })).toBe(false);
  });

  it('is not used if the file in the folder of the operator, or in the package, has another text', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trapline-frozen-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const changed = textOf('postfix-spamtrap').replace('text: triggers spamtrap', 'text: triggers our trap');
    writeFileSync(join(folder, 'postfix-spamtrap.yaml'), changed);
    const filter = loadFilter('postfix-spamtrap', { folders: [folder, FILTERS], shipped: SHIPPED });
    expect(filter.file).toBe(join(folder, 'postfix-spamtrap.yaml'));
    expect(filter.settings).toEqual({ text: 'triggers our trap' });
    expect(isReady('postfix-spamtrap', { folders: [folder] })).toBe(false);
  });

  it('refuses settings that the filter does not have, in the words of a compiled filter', () => {
    expect(loadWrong(SHIPPED)).toThrow('filter "postfix-spamtrap": no setting "txt", did you mean "text"?');
    expect(loadWrong({})).toThrow('filter "postfix-spamtrap": no setting "txt", did you mean "text"?');
  });
});

describe('freeze', () => {
  it('keeps limits that are infinite', () => {
    const filter = compileFilter('postfix-spamtrap', { folders: [FILTERS] });
    const [rule] = filter.rules;
    const [pattern] = rule?.patterns ?? [];
    if (!rule || !pattern) throw new Error('the filter has no pattern');
    const changed = { ...filter, rules: [{ ...rule, patterns: [{ ...pattern, degree: Infinity, longest: 1000 }, pattern] }] };
    const patterns = thaw(freeze(changed), '').rules.flatMap((one) => one.patterns);
    expect(patterns.map(({ degree, longest }) => [degree, longest])).toEqual([
      [Infinity, 1000],
      [pattern.degree, Infinity],
    ]);
  });
});
