import { describe, expect, it } from 'vitest';
import { actionFile } from '../../../src/actions/file/schema.ts';

const FILE = {
  name: 'mine',
  description: 'mine',
  open: [],
  ban: [{ argv: ['fw'] }],
  unban: [{ argv: ['fw'] }],
  examples: [{ verb: 'open' }],
};

/** The path and message of each fault in a file that also has `keys`. */
const faults = (keys: object): unknown[] =>
  (actionFile.safeParse({ ...FILE, ...keys }).error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]);

const step = (keys: object): object => ({ ban: [{ argv: ['fw'], ...keys }] });

describe('the schema of action files', () => {
  it('accepts the shortest file, and adds the defaults', () => {
    expect(actionFile.parse(FILE)).toEqual({
      ...FILE,
      options: {},
      install: {},
      compare: false,
      parts: {},
      close: [],
      examples: [{ verb: 'open', options: {}, entries: {}, networks: [], output: [] }],
    });
  });

  it.each([
    ['a name with characters that are not allowed', { name: 'Mine' }, 'name', 'a name is lower-case letters, digits and hyphens'],
    [
      'an option with a name that no template can contain',
      { options: { 'a.b': { type: 'word', default: 'x', about: 'x' } } },
      'options.a.b',
      '',
    ],
    ['a file without ban steps', { ban: [] }, 'ban', ''],
    ['a file without unban steps', { unban: [] }, 'unban', ''],
    ['a file without examples', { examples: [] }, 'examples', 'an action needs examples'],
    ['a command without a program', { ban: [{ argv: [] }] }, 'ban.0.argv', ''],
    ['an argument with a NUL', { ban: [{ argv: ['true', 'a\0b'] }] }, 'ban.0.argv.1', 'a program and its arguments hold no NUL'],
    ['a longest ban time of less than a minute', { longest: 59 }, 'longest', ''],
    ['a limit of listed bans without a step that looks up a sample', { listable: 1000 }, 'listable', '"listable" needs "holds"'],
    ['a limit of fewer than 1000 listed bans', { listable: 999, holds: [] }, 'listable', ''],
    ['an invalid pattern', step({ ignore: '(' }), 'ban.0.ignore', 'Invalid regular expression'],
    ['a list pattern without a group', step({ parse: '^x' }), 'ban.0.parse', 'exactly one group'],
    ['a list pattern that can backtrack', step({ parse: '^(?:x+)+(y)' }), 'ban.0.parse', '"(?:x+)+" repeats a group'],
    ['an ignore pattern that can backtrack', step({ ignore: '(a|ab)*c' }), 'ban.0.ignore', '"(a|ab)*" repeats a group'],
    ['a list pattern with two groups', step({ parse: '(x)(y)' }), 'ban.0.parse', 'exactly one group'],
    [
      'a limit for the number of networks in a step that gets all networks at once',
      step({ most: 3 }),
      'ban.0.most',
      '"most" needs "append: each"',
    ],
    ['a batch size of 0', { batch: 0 }, 'batch', ''],
    ['an invalid pattern for warnings', { warnings: '(' }, 'warnings', 'Invalid regular expression'],
    [
      'an invalid pattern for the value of an option',
      { options: { a: { type: 'word', default: 'x', about: 'x', like: '(' } } },
      'options.a.like',
      'Invalid regular expression',
    ],
    ['an unknown family', step({ family: 5 }), 'ban.0.family', ''],
    ['a port above 65535', { options: { ports: { type: 'ports', default: [65_536], about: 'x' } } }, 'options.ports.default', ''],
    [
      'a choice with one value',
      { options: { block: { type: 'choice', of: ['drop'], default: 'drop', about: 'x' } } },
      'options.block.of',
      '',
    ],
    [
      'an invalid pattern for answers',
      { session: { argv: ['fw'], instead: ['fw'], end: 'x', ended: '(' } },
      'session.ended',
      'Invalid',
    ],
  ])('refuses %s', (_what, keys, path, message) => {
    expect(faults(keys)[0]).toEqual([expect.stringContaining(path), expect.stringContaining(message)]);
  });

  it.each([
    [{ longest: 60 }],
    [{ listable: 1000, holds: [] }],
    [step({ parse: '^(?:a|b) (\\S+)' })],
    [step({ parse: 'nft-json' })],
    [{ options: { ports: { type: 'ports', default: 'all', about: 'x' } } }],
  ])('accepts %j', (keys) => {
    expect(faults(keys)).toEqual([]);
  });
});
