import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseBanRequest,
  parseBy,
  parseHit,
  parseQuery,
  parseSwitch,
  parseUnbanRequest,
  readHits,
} from '../../src/control/requests.ts';
import { messageOf, UsageError } from '../../src/errors.ts';
import type { Hit } from '../../src/words/walk.ts';

const HIT = { jail: 'spamtrap', rule: 'recipient', address: '192.0.2.7', at: 1000, key: '0123456789abcdef', fields: { trap: 'x' } };

const hit = (rest: object = {}): string => JSON.stringify({ ...HIT, ...rest });

const fault = (read: () => unknown): string => {
  try {
    return `no fault: ${JSON.stringify(read())}`;
  } catch (thrown) {
    return thrown instanceof UsageError ? thrown.message : `no UsageError: ${messageOf(thrown)}`;
  }
};

/** Reads the pieces of a stream as bunches of hits. Returns the bunches, and the error that ended the reading, if any. */
async function bunchesOf(pieces: readonly (readonly string[])[]): Promise<{ bunches: (readonly Hit[])[]; fault?: string }> {
  const bunches: (readonly Hit[])[] = [];
  try {
    for await (const bunch of readHits(
      (async function* () {
        yield* pieces;
      })(),
    )) {
      bunches.push(bunch);
    }
    return { bunches };
  } catch (thrown) {
    return { bunches, fault: messageOf(thrown) };
  }
}

describe('the text of a request', () => {
  it('is read, or refused in one line, whatever it contains', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.record({ networks: fc.array(fc.string()) }).map((value) => JSON.stringify(value)),
    );
    const readers = [
      parseBanRequest,
      parseUnbanRequest,
      (words: string) => parseHit(words, 1),
      (words: string) => parseQuery(words, ['a']),
    ];
    fc.assert(
      fc.property(text, fc.constantFrom(...readers), (words, read) => {
        expect(fault(() => read(words))).toMatch(/^(?!no UsageError)[^\p{Cc}\p{Bidi_Control}]*$/u);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('parseBanRequest', () => {
  it.each([
    { networks: [] },
    { networks: ['192.0.2.7'], duration: 1, reason: 'x'.repeat(10_000), force: true },
    { networks: ['x'.repeat(64)], duration: 100 * 365 * 86_400_000 },
    { networks: ['as typed, to be parsed later'], duration: null },
  ])('reads a request for $networks', (request) => {
    expect(parseBanRequest(JSON.stringify(request))).toEqual(request);
  });

  it.each([
    [{}, 'body: "networks": Invalid input: expected array, received undefined'],
    [{ networks: ['x'.repeat(65)] }, 'body: "networks.0": longer than any address'],
    [{ networks: [], duration: 0 }, 'body: "duration": Too small: expected number to be >=1'],
    [{ networks: [], duration: 100 * 365 * 86_400_000 + 1 }, 'body: "duration": Too big: expected number to be <=3153600000000'],
    [{ networks: [], force: 'yes' }, 'body: "force": Invalid input: expected boolean, received string'],
    [{ networks: [], until: 5 }, 'body: Unrecognized key: "until"'],
  ])('refuses %j', (request, words) => {
    expect(fault(() => parseBanRequest(JSON.stringify(request)))).toBe(words);
  });

  it('reads 100,000 networks, and refuses 100,001 networks', () => {
    const networks = Array.from({ length: 100_000 }, () => '::1');
    expect(parseBanRequest(JSON.stringify({ networks })).networks).toHaveLength(100_000);
    networks.push('::1');
    expect(fault(() => parseBanRequest(JSON.stringify({ networks })))).toBe('body: "networks": more than 100000 networks');
  });
});

describe('parseUnbanRequest', () => {
  it('reads a list of networks, or `all`', () => {
    expect(parseUnbanRequest('{"networks":["::1"]}')).toEqual({ networks: ['::1'] });
    expect(parseUnbanRequest('{"all":true,"forgive":true}')).toEqual({ networks: [], all: true, forgive: true });
  });

  it('refuses an unknown key', () => {
    expect(fault(() => parseUnbanRequest('{"network":"::1"}'))).toBe('body: Unrecognized key: "network"');
  });
});

describe('parseBy', () => {
  it.each([
    [undefined, {}],
    ['', {}],
    ['anna%20(uid%201000)', { by: 'anna (uid 1000)' }],
    ['%E4%B8', { by: '%E4%B8' }],
    ['x'.repeat(1000), { by: 'x'.repeat(500) }],
  ])('reads the header %j', (header, expected) => {
    expect(parseBy(header)).toEqual(expected);
  });
});

describe('parseHit', () => {
  it('reads a hit and brings its address into canonical form', () => {
    expect(parseHit(hit({ address: '2001:DB8::0:7' }), 1)).toEqual({ ...HIT, address: '2001:db8::7' });
  });

  it.each([
    [{ jail: '../x' }, 'line 7: "jail": not the name of a jail'],
    [{ jail: 'x'.repeat(65) }, 'line 7: "jail": not the name of a jail'],
    [{ rule: 'a b' }, 'line 7: "rule": not the name of a rule'],
    [{ address: '192.0.2.0/24' }, 'line 7: "address": "192.0.2.0/24": not an address'],
    [{ address: '192.0.2.1; reboot' }, 'line 7: "address": "192.0.2.1; reboot": not an address'],
    [{ at: -1 }, 'line 7: "at": Too small: expected number to be >=0'],
    [{ at: 1.5 }, 'line 7: "at": Invalid input: expected int, received number'],
    [{ at: 8.64e15 + 1 }, 'line 7: "at": Too big: expected number to be <=8640000000000000'],
    [{ key: '0123456789ABCDEF' }, 'line 7: "key": not a key of 16 hexadecimal digits'],
    [{ key: '0123456789abcdef0' }, 'line 7: "key": not a key of 16 hexadecimal digits'],
    [{ fields: { '1': 'x' } }, 'line 7: "fields.1": Invalid key in record'],
    [{ more: 1 }, 'line 7: Unrecognized key: "more"'],
  ])('refuses a hit with %j', (rest, words) => {
    expect(fault(() => parseHit(hit(rest), 7))).toBe(words);
  });

  it.each([{ jail: 'x'.repeat(64) }, { rule: 'Az09_.-' }, { at: 0 }, { at: 8.64e15 }, { fields: {} }])(
    'accepts a hit with %j',
    (rest) => {
      expect(parseHit(hit(rest), 1)).toEqual({ ...HIT, ...rest });
    },
  );
});

const many = (count: number): string[] => Array.from({ length: count }, (_, at) => hit({ at }));

describe('readHits', () => {
  it('skips empty lines, but counts them in line numbers', async () => {
    const { bunches } = await bunchesOf([['', hit(), '  ', hit({ at: 2 })], ['']]);
    expect(bunches.flat().map(({ at }) => at)).toEqual([1000, 2]);
    expect(
      (
        await bunchesOf([
          ['', hit()],
          ['', 'x'],
        ])
      ).fault,
    ).toBe('line 4: not JSON');
  });

  it('passes on nothing from an empty stream', async () => {
    expect(await bunchesOf([[''], []])).toEqual({ bunches: [] });
  });

  it.each([
    [[999], [999]],
    [[1000], [1000]],
    [
      [999, 1, 1],
      [1000, 1],
    ],
    [[2500], [2500]],
  ])('passes on pieces of %j hits in bunches of %j hits', async (pieces, expected) => {
    const { bunches } = await bunchesOf(pieces.map(many));
    expect(bunches.map(({ length }) => length)).toEqual(expected);
  });

  it('passes on long hits in smaller bunches, so that a client that stops sending holds little', async () => {
    const long = Array.from({ length: 20 }, (_, at) => hit({ at, fields: { trap: 'x'.repeat(60_000) } }));
    const { bunches } = await bunchesOf(long.map((line) => [line]));
    expect(bunches.map(({ length }) => length)).toEqual([5, 5, 5, 5]);
  });

  it('passes on no hit of a bunch with an invalid line', async () => {
    const { bunches, fault: words } = await bunchesOf([many(1000), [...many(5), '{}']]);
    expect(bunches.flat()).toHaveLength(1000);
    expect(words).toMatch(/^line 1006: "jail": /);
  });
});

describe('parseQuery', () => {
  it('reads the known parameters', () => {
    expect([...parseQuery('a=1&b=%2F', ['a', 'b', 'c'])]).toEqual([
      ['a', '1'],
      ['b', '/'],
    ]);
    expect(parseQuery('', ['a']).size).toBe(0);
  });

  it.each([
    ['b=1', ['a', 'c'], 'unknown parameter "b", known parameters: a, c'],
    ['b=1', [], 'unknown parameter "b", known parameters: none'],
    ['a=1&a=1', ['a'], 'parameter "a" is given twice, give it once'],
  ])('refuses %s', (search, known, words) => {
    expect(fault(() => parseQuery(search, known))).toBe(words);
  });
});

describe('parseSwitch', () => {
  it.each([
    ['', false],
    ['x=0', false],
    ['x=1', true],
  ])('reads %j as %s', (search, on) => {
    expect(parseSwitch(parseQuery(search, ['x']), 'x')).toBe(on);
  });

  it.each(['x=', 'x=true', 'x=2'])('refuses %j', (search) => {
    expect(fault(() => parseSwitch(parseQuery(search, ['x']), 'x'))).toMatch(/^parameter "x" is "\w*", write 1 or 0$/);
  });
});
