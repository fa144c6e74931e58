import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { monthOf } from '../../../src/lib/text/months.ts';

/** `abmon` of the locales of glibc 2.36, as the package `locales` of Debian 12 has them. */
const LOCALES = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'months.json'), 'utf8')) as Readonly<
  Record<string, readonly string[]>
>;

const bytesOf = (text: string): string => Buffer.from(text.trim(), 'utf8').toString('latin1');
const plain = (name: string): string => name.trim().toLowerCase().replace(/\.$/, '');

/** The months that have a name in any of the locales. */
const monthsOf = (name: string): ReadonlySet<number> =>
  new Set(Object.values(LOCALES).flatMap((names) => names.flatMap((one, month) => (plain(one) === plain(name) ? [month] : []))));

describe('monthOf', () => {
  it.each(Object.entries(LOCALES))(
    'N011: reads the months of %s, except names that are another month in another language',
    (_locale, names) => {
      const expected = names.map((name, month) => (monthsOf(name).size === 1 ? month : undefined));
      expect(names.map((name) => monthOf(bytesOf(name)))).toEqual(expected);
    },
  );

  it('reads no name that is two months', () => {
    const names = [...new Set(Object.values(LOCALES).flat().map(plain))];
    expect(names.filter((name) => monthsOf(name).size > 1).toSorted()).toEqual(['lip', 'lis', 'srp']);
  });

  it('reads a name in any case, with and without a point', () => {
    for (const name of ['Nov', 'nov', 'NOV', 'nov.']) expect(monthOf(name)).toBe(10);
    for (const name of ['Déc', 'DÉC.', 'déc']) expect(monthOf(bytesOf(name))).toBe(11);
  });

  it.each(['', '.', 'x', 'November', 'okt..', 'Mrz', 'M\xe4r', 'constructor', '__proto__'])('knows no month "%s"', (name) => {
    expect(monthOf(name)).toBeUndefined();
  });
});
