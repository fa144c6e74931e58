import { describe, expect, it } from 'vitest';
import { commandsOf, type Filled } from '../../../src/actions/file/commands.ts';
import { optionValues } from '../../../src/actions/file/optionvalues.ts';
import { actionFile, type Verb } from '../../../src/actions/file/schema.ts';
import type { Entry } from '../../../src/words/firewall.ts';
import { network } from '../../support/actions/words.ts';

const NOW = 1_000_000;
const ALL = ['192.0.2.7', '198.51.100.0/24', '2001:db8::7', '2001:db8:1::/64'];
const entries = (texts: readonly string[], until: number | null = null): Entry[] =>
  texts.map((text) => ({ network: network(text), until }));

const LIST = '{{#all}}{{text}} {{/all}}';

/** The commands that result from the steps of a verb. */
function commands(verb: Verb, steps: readonly object[], banned: readonly Entry[], more: object = {}): readonly Filled[] {
  const file = actionFile.parse({
    name: 'mine',
    description: 'mine',
    options: { block: { type: 'choice', of: ['drop', 'reject'], default: 'drop', about: 'how' } },
    open: [],
    ban: [{ argv: ['fw'] }],
    unban: [{ argv: ['fw'] }],
    examples: [{ verb: 'open' }],
    ...more,
    [verb]: steps,
  });
  return commandsOf(file, verb, { options: optionValues(file, {}), entries: banned, now: NOW });
}

/** Hosts whose addresses have 19 characters. */
const hosts = (count: number): Entry[] =>
  entries(Array.from({ length: count }, (_, index) => `2001:db8::1:${(0x10_0000 + index).toString(16).replace(/(.{4})$/, ':$1')}`));

describe('commandsOf', () => {
  it('fills options into arguments, and options and networks into standard input', () => {
    const steps = [{ argv: ['fw', '{{block}}'], stdin: `{{block}} ${LIST}`, again: `again ${LIST}` }];
    const [command] = commands('ban', steps, entries(ALL));
    expect(command).toMatchObject({ argv: ['fw', 'drop'], stdin: `drop ${ALL.join(' ')} ` });
    expect(command?.again?.()).toBe(`again ${ALL.join(' ')} `);
  });

  it('counts the seconds of a ban from now, and cuts them at `longest`', () => {
    const steps = [{ argv: ['fw'], stdin: '{{#all}}{{seconds}}{{/all}}' }];
    expect(commands('ban', steps, entries(['192.0.2.7'], NOW + 90_000))[0]?.stdin).toBe('90');
    expect(commands('ban', steps, entries(['192.0.2.7'], NOW + 90_000), { longest: 60 })[0]?.stdin).toBe('60');
  });

  it('leaves out the steps of an option value that is not chosen', () => {
    const steps = [
      { argv: ['a'], when: 'block_drop' },
      { argv: ['b'], when: 'block_reject' },
    ];
    expect(commands('open', steps, []).map(({ argv }) => argv)).toEqual([['a']]);
  });

  it.each([
    ['ban', entries(ALL.slice(0, 2)), ['4 192.0.2.7 198.51.100.0/24 ']],
    ['unban', entries(ALL.slice(2)), ['6 2001:db8::7 2001:db8:1::/64 ']],
    ['holds', entries(ALL), ['4 192.0.2.7 198.51.100.0/24 ', '6 2001:db8::7 2001:db8:1::/64 ']],
    ['ban', [], []],
    ['replace', [], ['4 ', '6 ']],
    ['open', [], ['4 ', '6 ']],
  ] as const)('gives a step of %s the networks of its family', (verb, banned, expected) => {
    const steps = [4, 6].map((family) => ({ argv: ['fw'], family, stdin: `${family} ${LIST}` }));
    expect(commands(verb, steps, banned).map(({ stdin }) => stdin)).toEqual(expected);
  });

  it('adds groups for the usual prefix lengths only for the verb replace', () => {
    const steps = [{ argv: ['fw'], stdin: '{{#groups}}{{family}}/{{prefix}} {{/groups}}' }];
    const groups = (verb: Verb): unknown => commands(verb, steps, entries(['198.51.100.0/24']))[0]?.stdin;
    expect(groups('replace')).toBe('4/32 6/64 6/128 4/24 ');
    expect(groups('ban')).toBe('4/24 ');
  });

  it('appends single hosts to the arguments, and leaves out networks', () => {
    const steps = [{ argv: ['fw', '-a'], append: 'hosts' }];
    expect(commands('ban', steps, entries(ALL)).map(({ argv }) => argv)).toEqual([['fw', '-a', '192.0.2.7', '2001:db8::7']]);
    expect(commands('ban', steps, entries(['198.51.100.0/24']))).toEqual([]);
  });

  it('returns a command for each network with `append: each`, and no command when the batch has more networks than `most`', () => {
    const steps = [{ argv: ['fw', '-k'], append: 'each', most: 4 }];
    expect(commands('ban', steps, entries(ALL)).map(({ argv }) => argv)).toEqual(ALL.map((text) => ['fw', '-k', text]));
    expect(commands('ban', [{ argv: ['fw', '-k'], append: 'each', most: 3 }], entries(ALL))).toEqual([]);
    expect(commands('ban', [{ argv: ['fw', '-k'], append: 'each' }], hosts(100))).toHaveLength(100);
    expect(commands('replace', steps, [])).toEqual([]);
  });

  it('starts another command line after 250,000 bytes of addresses', () => {
    const lengths = (count: number): number[] =>
      commands('ban', [{ argv: ['fw'], append: 'hosts' }], hosts(count)).map(({ argv }) => argv.length - 1);
    const [first = 0, ...rest] = lengths(20_000);
    expect(rest).toEqual([20_000 - first]);
    expect(lengths(first)).toEqual([first]);
    expect(lengths(first + 1)).toEqual([first, 1]);
    const [line] = commands('ban', [{ argv: ['fw'], append: 'hosts' }], hosts(first));
    const bytes = line?.argv.slice(1).join(' ').length ?? 0;
    expect(bytes).toBeGreaterThan(249_000);
    expect(bytes).toBeLessThan(250_000);
  });

  it('fills options into the expected output and the advice', () => {
    const [command] = commands('open', [{ argv: ['fw'], expect: '^table {{block}}$', advice: ' use {{block}} ' }], []);
    expect([command?.expect?.test('x\ntable drop\ny'), command?.expect?.test('table')]).toEqual([true, false]);
    expect(command?.advice).toBe('use drop');
  });

  it('copies the other keys of a step', () => {
    const [command] = commands(
      'list',
      [{ argv: ['fw'], unless: ['probe', '{{block}}'], ignore: '^no', parse: '^(.*)$', family: 6, optional: true }],
      [],
    );
    expect(command).toEqual({
      argv: ['fw'],
      advice: '',
      unless: ['probe', 'drop'],
      ignore: /^no/,
      parse: '^(.*)$',
      family: 6,
      optional: true,
    });
  });

  it('returns no commands for a verb that the file does not have', () => {
    expect(commands('open', [], [])).toEqual([]);
  });
});
