import { describe, expect, it } from 'vitest';
import { actionFile } from '../../../src/actions/file/schema.ts';
import { checkTemplates } from '../../../src/actions/file/templatecheck.ts';
import { ConfigError } from '../../../src/errors.ts';

/** Checks a file that has `keys` besides the required keys. The place in a message is the path of a key. */
function check(keys: object): void {
  const file = actionFile.parse({
    name: 'mine',
    description: 'mine',
    options: {
      ports: { type: 'ports', default: [25], about: 'which' },
      block: { type: 'choice', of: ['drop', 'reject'], default: 'drop', about: 'how' },
      table: { type: 'word', default: 'trap', about: 'where' },
    },
    open: [],
    ban: [{ argv: ['fw'] }],
    unban: [{ argv: ['fw'] }],
    examples: [{ verb: 'open' }],
    ...keys,
  });
  checkTemplates(file, (path) => path.join('.'));
}

const step = (keys: object): object => ({ ban: [{ argv: ['fw'], ...keys }] });

/** A number of parts, each of which includes the next part. `text` makes the text of a part from the tag that includes the next part. */
const chain = (count: number, text: (next: string) => string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`p${index}`, index < count - 1 ? text(`{{> p${index + 1}}}`) : '']),
  );

describe('checkTemplates', () => {
  it.each([
    [
      'options and the values that can be chosen for them',
      step({ argv: ['{{table}}', '{{#ports_all}}{{block_reject}}{{/ports_all}}'] }),
    ],
    [
      'networks in standard input',
      step({ stdin: '{{#groups}}{{#elements}}{{address}}{{/elements}}{{/groups}}', again: '{{#all}}{{text}}{{/all}}' }),
    ],
    [
      'parts, with networks in standard input',
      { parts: { one: '{{> two}}', two: '{{#all}}{{text}}{{/all}}' }, ...step({ stdin: '{{> one}}' }) },
    ],
    ['in an argument, parts that contain no networks', { parts: { one: '{{table}}' }, ...step({ argv: ['{{> one}}'] }) }],
    ['options in patterns', { watch: { argv: ['fw'], lines: '^{{table}}$' }, ...step({ expect: '^{{table}}$' }) }],
  ])('accepts %s', (_what, keys) => {
    expect(() => check(keys)).not.toThrow();
  });

  it.each([
    ['parts.one: part "one" includes itself: one > one, take one of these away', { one: 'x{{> one}}' }],
    [
      'parts.one: part "two" includes itself: one > two > three > two, take one of these away',
      { one: '{{> two}}', two: '{{> three}}', three: '{{> two}}' },
    ],
    [
      'parts.one: part "one" includes itself: one > two > one, take one of these away',
      { one: '{{#all}}{{> two}}{{/all}}', two: '{{^block_drop}}{{> one}}{{/block_drop}}' },
    ],
  ])('refuses a part that includes itself: %s', (message, parts) => {
    for (const keys of [step({ stdin: '{{> one}}' }), step({ argv: ['{{> one}}'] }), {}])
      expect(() => check({ parts, ...keys })).toThrow(new ConfigError(message));
  });

  it('refuses a part that includes more than a thousand parts, side by side or nested', () => {
    expect(() => check({ parts: chain(64, (next) => next.repeat(2)) })).toThrow(/part "p\d+" includes more than 1000 parts$/);
    expect(() => check({ parts: chain(20_000, (next) => next) })).toThrow('includes more than 1000 parts');
    expect(() => check({ parts: chain(1000, (next) => next) })).not.toThrow();
    expect(() => check({ parts: chain(1001, (next) => next) })).toThrow('includes more than 1000 parts');
    expect(() => check({ parts: chain(9, (next) => next.repeat(2)) })).not.toThrow();
  });

  // Every key whose text becomes an argument or a pattern.
  const WORDS: readonly (readonly [string, (text: string) => object])[] = [
    ['ban.0.argv.1', (text) => step({ argv: ['fw', text] })],
    ['ban.0.unless.0', (text) => step({ unless: [text] })],
    ['ban.0.advice', (text) => step({ advice: text })],
    ['ban.0.expect', (text) => step({ expect: text })],
    ['watch.argv.0', (text) => ({ watch: { argv: [text], lines: 'x' } })],
    ['watch.lines', (text) => ({ watch: { argv: ['fw'], lines: text } })],
  ];

  it.each(WORDS)('S01: keeps networks out of %s', (place, keys) => {
    for (const name of ['address', 'text', 'network', 'seconds'])
      expect(() => check(keys(`{{${name}}}`))).toThrow(`${place}: "${name}" cannot stand in an argument, hand it over in stdin`);
  });

  it.each(WORDS)('S01: keeps parts with networks out of %s, at any depth of nesting', (place, keys) => {
    const parts = { one: '{{table}}{{> two}}', two: '{{#all}}{{/all}}' };
    expect(() => check({ parts, ...keys('{{> one}}') })).toThrow(`${place}: "all" cannot stand in an argument`);
  });

  it.each([
    ['ban.0.stdin: unknown name "adress", did you mean "address"?', step({ stdin: '{{adress}}' })],
    ['ban.0.again: unknown name "sender", known are ports, block, table', step({ again: '{{sender}}' })],
    ['ban.0.argv.0: unknown name "tabel", did you mean "table"?', step({ argv: ['{{tabel}}'] })],
    ['ban.0.when: unknown name "block_deny", did you mean "block_drop"?', step({ when: 'block_deny' })],
    ['ban.0.when: unknown name "table_trap", known are ports_all, block_drop, block_reject', step({ when: 'table_trap' })],
    ['parts.one: unknown name "sender"', { parts: { one: '{{sender}}' } }],
    [
      'ban.0.stdin: unknown name "vredict", did you mean "verdict"?',
      { parts: { verdict: '' }, ...step({ stdin: '{{> vredict}}' }) },
    ],
    ['ban.0.stdin: Unclosed section "all"', step({ stdin: '{{#all}}' })],
    ['ban.0.expect: Invalid regular expression', step({ expect: '(' })],
    ['ban.0.expect: "(x+)+" repeats a group of varying length', step({ expect: '^(x+)+$' })],
    ['watch.lines: Invalid regular expression', { watch: { argv: ['fw'], lines: '(' } }],
    ['ban.0.parse: only the steps of "list" are parsed', step({ parse: 'nft-json' })],
  ])('refuses a template with the message: %s', (message, keys) => {
    expect(() => check(keys)).toThrow(ConfigError);
    expect(() => check(keys)).toThrow(message);
  });
});
