import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/lib/address.ts';
import { MOST_AT_ONCE, readBehind, Repeats } from '../../src/filters/repeats.ts';
import type { Hit } from '../../src/words/walk.ts';
import { NEAR } from '../support/filters/lines.ts';

const line = (times: number, host = 'mx1'): string => `Jun  1 10:00:09 ${host} last message repeated ${times} times`;

const behind = (text: string, offset = 0): ReturnType<typeof readBehind> => readBehind(Buffer.from(text), offset, NEAR);

const hit: Hit = { jail: 'one', rule: 'plain', address: '192.0.2.1' as Address, at: 1000, key: 'k', fields: {} };

describe('readBehind', () => {
  it('reads all repeat lines up to the first other line', () => {
    const { repeats, open } = behind(`${line(2)}\n${line(3, 'mx2')}\r\nother\n${line(4)}\n`);
    expect(repeats).toEqual([
      { host: 'mx1', times: 2, at: new Date(2026, 5, 1, 10, 0, 9).getTime() },
      { host: 'mx2', times: 3, at: expect.any(Number) as number },
    ]);
    expect(open).toBe(false);
  });

  it('sets `open` only if no other line follows in the batch', () => {
    expect(behind('')).toEqual({ repeats: [], open: true });
    expect(behind(`${line(2)}\n`).open).toBe(true);
    expect(behind(line(2)).open).toBe(true);
    expect(behind('x').open).toBe(false);
    expect(behind(`x\n${line(2)}`, 2)).toMatchObject({ repeats: [{ times: 2 }], open: true });
  });

  it.each([
    ['with the name of syslogd', 'Jun  1 10:00:09 mx1 syslogd: last message repeated 2 times'],
    ['with the process id of syslogd', 'Jun  1 10:00:09 mx1 syslogd[7]: last message repeated 2 times'],
    ['between hyphens', 'Jun  1 10:00:09 mx1 --- last message repeated 2 times ---'],
    ['with the singular "time"', 'Jun  1 10:00:09 mx1 last message repeated 1 time'],
  ])('recognises a repeat line %s', (_title, text) => {
    expect(behind(text).repeats).toHaveLength(1);
  });

  it.each([
    ['of another program', 'Jun  1 10:00:09 mx1 evil: last message repeated 2 times'],
    ['with more text at its end', 'Jun  1 10:00:09 mx1 last message repeated 2 times more'],
    ['with an invalid number', 'Jun  1 10:00:09 mx1 last message repeated x times'],
  ])('ignores a line %s', (_title, text) => {
    expect(behind(text)).toEqual({ repeats: [], open: false });
  });
});

const repeat = (times: number, host = 'mx1'): { host: string; times: number; at: number } => ({ host, times, at: 2000 });

/** The number of hits that a repeat line adds. */
const added = (times: number): number =>
  new Repeats().after('a', { repeats: [repeat(times)], open: false }, { host: 'mx1', hits: [hit] }).length;

describe('Repeats', () => {
  it('add copies of the hit in the previous line, each with its own key and the time of the repeat line', () => {
    const more = new Repeats().after('a', { repeats: [repeat(2)], open: false }, { host: 'mx1', hits: [hit] });
    expect(more.map(({ at }) => at)).toEqual([2000, 2000]);
    expect(new Set([hit.key, ...more.map(({ key }) => key)]).size).toBe(3);
  });

  it('add at most a thousand hits', () => {
    expect([added(999), added(1000), added(1001)]).toEqual([999, 1000, 1000]);
  });

  it('add a limited number of hits to all lines that are matched together', () => {
    const all = new Repeats();
    const addMany = (): number =>
      all.after('a', { repeats: Array.from({ length: 10_000 }, () => repeat(1000)), open: false }, { host: 'mx1', hits: [hit] })
        .length;
    expect([addMany(), addMany()]).toEqual([MOST_AT_ONCE, 0]);
    all.begin();
    expect(addMany()).toBe(MOST_AT_ONCE);
  });

  it('end at the first repeat line of another host', () => {
    const repeats = [repeat(1), repeat(1, 'mx2'), repeat(1)];
    const all = new Repeats();
    expect(all.after('a', { repeats, open: true }, { host: 'mx1', hits: [hit] })).toHaveLength(1);
    expect(all.ofBatchBefore('a', { repeats: [repeat(1)], open: false })).toEqual([]);
  });

  it('continue in the next batches of the source, until another line follows', () => {
    const all = new Repeats();
    all.after('a', { repeats: [], open: true }, { host: 'mx1', hits: [hit] });
    expect(all.ofBatchBefore('b', { repeats: [repeat(1)], open: false })).toEqual([]);
    expect(all.ofBatchBefore('a', { repeats: [repeat(1)], open: true })).toHaveLength(1);
    expect(all.ofBatchBefore('a', { repeats: [repeat(2)], open: false })).toHaveLength(2);
    expect(all.ofBatchBefore('a', { repeats: [repeat(1)], open: false })).toEqual([]);
  });

  it('do not continue after a line without a host', () => {
    const all = new Repeats();
    all.after('a', { repeats: [], open: true }, { host: undefined, hits: [hit] });
    expect(all.ofBatchBefore('a', { repeats: [], open: false })).toEqual([]);
  });

  it('remember the last line of 256 sources', () => {
    const all = new Repeats();
    for (let source = 0; source <= 256; source += 1) {
      all.after(String(source), { repeats: [], open: true }, { host: 'mx1', hits: [hit] });
    }
    const remembered = (source: string): number => all.ofBatchBefore(source, { repeats: [repeat(1)], open: false }).length;
    expect([remembered('0'), remembered('1'), remembered('256')]).toEqual([0, 1, 1]);
  });
});
