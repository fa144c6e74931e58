import { describe, expect, it } from 'vitest';
import { optionValues } from '../../../src/actions/file/optionvalues.ts';
import { actionFile } from '../../../src/actions/file/schema.ts';

const FILE = actionFile.parse({
  name: 'mine',
  description: 'mine',
  options: {
    ports: { type: 'ports', default: [25, 465, 587], about: 'which' },
    block: { type: 'choice', of: ['drop', 'reject'], default: 'drop', about: 'how' },
    table: { type: 'word', default: 'trapline', about: 'where' },
    chain: { type: 'word', default: 'x', about: 'which', like: '[a-z]{1,3}|x.y', except: 'add del\n  get', means: 'a short name' },
    size: { type: 'number', min: 1, max: 100, default: 10, about: 'how many' },
  },
  open: [],
  ban: [{ argv: ['fw'] }],
  unban: [{ argv: ['fw'] }],
  examples: [{ verb: 'open' }],
});

const where = (path: readonly PropertyKey[], part?: string): string => `trapline.yaml:${path.join('.')}:${part ?? 'value'}`;

describe('optionValues', () => {
  it('returns the default of each option that is not given', () => {
    expect(optionValues(FILE, {})).toEqual({
      ports: '25,465,587',
      'ports_25,465,587': true,
      block: 'drop',
      block_drop: true,
      table: 'trapline',
      table_trapline: true,
      chain: 'x',
      chain_x: true,
      size: '10',
      size_10: true,
    });
  });

  it.each([
    [{ ports: 'all' }, { ports: 'all', ports_all: true }],
    [{ ports: 25 }, { ports: '25' }],
    [{ ports: '25, 2525' }, { ports: '25,2525' }],
    [{ ports: [25, '587'] }, { ports: '25,587' }],
    [{ block: 'reject' }, { block: 'reject', block_reject: true }],
    [{ size: '7' }, { size: '7' }],
    [{ size: 1 }, { size: '1' }],
    [{ size: 100 }, { size: '100' }],
    [{ ports: [1, 65_535] }, { ports: '1,65535' }],
    [{ ports: Array.from({ length: 15 }, (_, index) => index + 1) }, { ports: '1,2,3,4,5,6,7,8,9,10,11,12,13,14,15' }],
    [{ table: 'x'.repeat(64) }, { table: 'x'.repeat(64) }],
    [{ chain: 'abc' }, { chain: 'abc' }],
    [{ chain: 'x-y' }, { chain: 'x-y' }],
    [{ chain: 'ad' }, { chain: 'ad' }],
  ])('accepts %j', (given, expected) => {
    expect(optionValues(FILE, given)).toMatchObject(expected);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ port: 25 }, 'action mine: unknown option "port", did you mean "ports"?'],
    [{ ports: [] }, '"ports" cannot be []'],
    [{ ports: 0 }, '"ports" cannot be 0, it must be "all" or a list of at most 15 port numbers'],
    [{ ports: 65_536 }, '"ports" cannot be 65536'],
    [{ ports: Array.from({ length: 16 }, (_, index) => index + 1) }, '"ports" cannot be'],
    [{ ports: '25; id' }, '"ports" cannot be'],
    [{ block: 'maybe' }, 'action mine: "block" cannot be "maybe", it must be drop or reject'],
    [{ table: '-s' }, '"table" cannot be "-s"'],
    [{ table: '192.0.2.1; id' }, '"table" cannot be'],
    [{ table: 'a\nb' }, '"table" cannot be "a\\nb", it must be a word'],
    [{ table: { a: 1 } }, '"table" cannot be {"a":1}'],
    [{ table: 'x'.repeat(65) }, '"table" cannot be'],
    [{ chain: 'abcd' }, '"chain" cannot be "abcd", it must be a short name'],
    [{ chain: 'a1' }, '"chain" cannot be "a1"'],
    [{ chain: 'x-yz' }, '"chain" cannot be "x-yz"'],
    [{ chain: 'x;y' }, '"chain" cannot be "x;y"'],
    [{ chain: 'add' }, '"chain" cannot be "add", it must be a short name'],
    [{ chain: 'get' }, '"chain" cannot be "get"'],
    [{ size: 0 }, '"size" cannot be 0, it must be a number from 1 to 100'],
    [{ size: 101 }, '"size" cannot be 101, it must be a number from 1 to 100'],
    [{ colour: 1 }, 'action mine: unknown option "colour", known are ports, block, table, chain, size'],
    [{ constructor: 1 }, 'unknown option "constructor"'],
  ])('S07: refuses %j', (given, message) => {
    expect(() => optionValues(FILE, given)).toThrow(message);
  });

  it('begins its message with the place of an unknown option or of a wrong value', () => {
    expect(() => optionValues(FILE, { prots: 25 }, where)).toThrow(
      'trapline.yaml:prots:key: action mine: unknown option "prots", did you mean "ports"?',
    );
    expect(() => optionValues(FILE, { size: 0 }, where)).toThrow('trapline.yaml:size:value: action mine: "size" cannot be 0');
  });
});
