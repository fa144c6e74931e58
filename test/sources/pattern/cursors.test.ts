import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../../src/sources/follow/follow.ts';
import { changesKey, joinCursors, parseCursors, PatternCursors, type KeyedCursor } from '../../../src/sources/pattern/cursors.ts';

const at = (offset: number): Cursor => ({ dev: '1', ino: '2', birth: '3', offset, fingerprint: '0123456789abcdef', at: 5 });

/** The cursors of `logs` logs. `record` has the texts that `put` recorded, each under its key. */
function recordOf(logs: number) {
  const cursors = new PatternCursors('file:/x/*');
  const record = new Map<string, string>();
  const put = ({ cursor, cursorKey = 'all' }: KeyedCursor): string => {
    record.set(cursorKey, cursor);
    return cursorKey;
  };
  for (let log = 0; log < logs; log += 1) cursors.set(`/x/${log}`, at(1));
  const joined = () => parseCursors(joinCursors(record.get('all'), record.get(changesKey('file:/x/*'))));
  return { cursors, record, put, joined };
}

describe('the cursors of few logs', () => {
  it('are all in each text, in the format of earlier releases', () => {
    const { cursors } = recordOf(2);
    const text = { cursor: JSON.stringify({ '/x/0': at(1), '/x/1': at(1) }) };
    expect(cursors.text()).toEqual(text);
    expect(cursors.text()).toEqual(text);
    cursors.delete('/x/0');
    expect(cursors.text()).toEqual({ cursor: JSON.stringify({ '/x/1': at(1) }) });
  });
});

describe('the cursors of many logs', () => {
  it('are all in the first text, and each later text has a key of its own and only the changed cursors', () => {
    const { cursors, put, record, joined } = recordOf(1000);
    expect(put(cursors.text())).toBe('all');
    cursors.set('/x/7', at(8));
    expect(put(cursors.text())).toBe('changes:file:/x/*');
    cursors.set('/x/9', at(9));
    cursors.delete('/x/3');
    put(cursors.text());
    expect(record.get('changes:file:/x/*')?.length).toBeLessThan(600);
    expect(joined()?.get('/x/7')).toEqual(at(8));
    expect(joined()?.get('/x/9')).toEqual(at(9));
    expect(joined()?.get('/x/1')).toEqual(at(1));
    expect(joined()?.size).toBe(999);
  });

  it('are all in a text again when many cursors have changed', () => {
    const { cursors, put, joined } = recordOf(1000);
    put(cursors.text());
    const keys: string[] = [];
    for (let log = 0; log < 130; log += 1) {
      cursors.set(`/x/${log}`, at(log + 2));
      keys.push(put(cursors.text()));
    }
    expect(keys.filter((key) => key === 'all')).toHaveLength(2);
    expect(joined()?.get('/x/0')).toEqual(at(2));
    expect(joined()?.get('/x/129')).toEqual(at(131));
  });

  it('are not changed by changes that belong to another text with all cursors', () => {
    const first = recordOf(1000);
    first.put(first.cursors.text());
    first.cursors.set('/x/7', at(7));
    first.put(first.cursors.text());
    const second = recordOf(1000);
    second.put(second.cursors.text());
    const changes = first.record.get('changes:file:/x/*');
    expect(joinCursors(second.record.get('all'), changes)).toBe(second.record.get('all'));
    const few = JSON.stringify({ '/x/1': at(1) });
    expect(joinCursors(few, changes)).toBe(few);
    expect(joinCursors(undefined, changes)).toBeUndefined();
    expect(joinCursors(few, 'not JSON')).toBe(few);
  });
});

describe('parseCursors', () => {
  it('reads the cursor of each log', () => {
    expect(parseCursors(JSON.stringify({ '': 'word', a: at(4), b: { offset: -1 }, c: null }))).toEqual(new Map([['a', at(4)]]));
    expect(parseCursors('{}')).toEqual(new Map());
  });

  it.each([undefined, '', 'null', '5', 'not JSON'])('returns undefined for %j', (text) => {
    expect(parseCursors(text)).toBeUndefined();
  });
});
