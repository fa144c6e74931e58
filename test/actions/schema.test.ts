import { describe, expect, it } from 'vitest';
import { actionFile, readOptions } from '../../src/actions/schema.ts';

const FILE = actionFile.parse({
  name: 'mine',
  description: 'mine',
  options: {
    ports: { type: 'ports', default: [25, 465, 587], about: 'which' },
    block: { type: 'choice', of: ['drop', 'reject'], default: 'drop', about: 'how' },
    table: { type: 'word', default: 'trapline', about: 'where' },
    size: { type: 'number', min: 1, max: 100, default: 10, about: 'how many' },
  },
  open: [],
  ban: [{ argv: ['fw'] }],
  unban: [{ argv: ['fw'] }],
  examples: [{ verb: 'open' }],
});

describe('readOptions', () => {
  it('takes the defaults', () => {
    expect(readOptions(FILE, {})).toEqual({
      ports: '25,465,587',
      'ports_25,465,587': true,
      block: 'drop',
      block_drop: true,
      table: 'trapline',
      table_trapline: true,
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
  ])('takes %j', (given, expected) => {
    expect(readOptions(FILE, given)).toMatchObject(expected);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ port: 25 }, 'action mine: unknown option "port", known are: ports, block, table, size'],
    [{ ports: [] }, '"ports" cannot be []'],
    [{ ports: 0 }, '"ports" cannot be 0, it is "all" or a list of at most 15 port numbers'],
    [{ ports: 65_536 }, '"ports" cannot be 65536'],
    [{ ports: Array.from({ length: 16 }, (_, index) => index + 1) }, '"ports" cannot be'],
    [{ ports: '25; rm -rf /' }, '"ports" cannot be'],
    [{ block: 'maybe' }, 'action mine: "block" cannot be "maybe", it is drop or reject'],
    [{ table: '-s' }, '"table" cannot be "-s"'],
    [{ table: '192.0.2.1; rm -rf /' }, '"table" cannot be'],
    [{ table: 'a\nb' }, '"table" cannot be "a\\nb", it is a word'],
    [{ table: { a: 1 } }, '"table" cannot be {"a":1}'],
    [{ size: 101 }, '"size" cannot be 101, it is a number from 1 to 100'],
    [{ constructor: 1 }, 'unknown option "constructor"'],
  ])('S07: refuses %j', (given, message) => {
    expect(() => readOptions(FILE, given)).toThrow(message);
  });
});
