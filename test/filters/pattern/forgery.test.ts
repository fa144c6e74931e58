import { array, assert, constantFrom, infiniteStream, integer, oneof, property, string, tuple, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { expand } from '../../../src/filters/pattern/blocks.ts';
import { findContradiction } from '../../../src/filters/pattern/forgery.ts';
import { FUZZ, SEED } from '../../support/hostile/bytes.ts';
import { compiled, refusalOf } from '../../support/filters/patterns.ts';

const CLIENT = '203.0.113.9';
const STRANGER = '198.51.100.1';
const SETTINGS = { text: 'trap', next: ',' };

/** The regular expression of a pattern, even if the compiler would refuse the pattern. */
function unguarded(pattern: string): RegExp {
  return new RegExp(expand(pattern, SETTINGS, (text) => new ConfigError(text)).text, 's');
}

const HEADS = { smtpd: 'Jun  1 10:00:00 mx postfix/smtpd[1]: ', dovecot: 'Jun  1 10:00:00 mx dovecot: ' };
const headOf = (pattern: string): string => (pattern.includes('<prefix:dovecot>') ? HEADS.dovecot : HEADS.smtpd);

/** The address that a pattern finds in a message. */
const addressIn = (pattern: string, message: string): string | undefined =>
  unguarded(pattern).exec(`${headOf(pattern)}${message}`)?.groups?.['address'];

describe('a pattern for which a client can forge a line', () => {
  it.each([
    [
      'of the documented example',
      '^<prefix>login name=[A-Za-z0-9.-]+ client=<client>, failed',
      'login name=x client=evil[198.51.100.1], failed client=real[203.0.113.9], failed',
    ],
    [
      'with one free character',
      '^<prefix>login name=. client=<client>, failed',
      'login name=x client=e[198.51.100.1], failed client=r[203.0.113.9], failed',
    ],
    [
      'with a choice of two letters',
      '^<prefix>login name=[ab] client=<client>, failed',
      'login name=a client=e[198.51.100.1], failed client=r[203.0.113.9], failed',
    ],
    [
      'with few free characters',
      '^<prefix>login name=[a-z]{0,3} client=<client>, failed',
      'login name= client=e[198.51.100.1], failed client=r[203.0.113.9], failed',
    ],
    [
      'with a fixed number of free characters',
      '^<prefix>login name=[a-z]{3} client=<client>',
      'login name=bob client=e[198.51.100.1] client=r[203.0.113.9]',
    ],
    ['with six free characters', '^<prefix>x.{0,6}from <client>', 'xabcdeffrom e[198.51.100.1]from r[203.0.113.9]'],
    [
      'with an optional group',
      '^<prefix>login(?: name=bob)? client=<client>,',
      'login name=bob client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with alternatives',
      '^<prefix>login name=(?:alice|bob) client=<client>,',
      'login name=bob client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with an empty alternative',
      '^<prefix>login name=(?:|bob) client=<client>,',
      'login name= client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with nested alternatives',
      '^<prefix>login name=(?:a(?:b|c)|[d-f]) client=<client>,',
      'login name=ac client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with a repeated group',
      '^<prefix>login(?: name=bob)* client=<client>,',
      'login name=bob client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with a group that is repeated with its separator',
      '^<prefix>login (?:[a-z]+=[a-z]+ )+client=<client>,',
      'login name=x client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with repeated blanks',
      '^<prefix>login name=\\s*client=<client>,',
      'login name= client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    ['with digits', '^<prefix>login id=[0-9]+ client=<client>,', 'login id=1 client=e[198.51.100.1], client=r[203.0.113.9],'],
    [
      'with any character except a bracket',
      '^<prefix>login name=[^\\[]* client=<client>,',
      'login name=x client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with a lazy piece',
      '^<prefix>login name=.*? client=<client>,',
      'login name=x client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with a named group',
      '^<prefix>login name=(?<trap>[a-z]+) client=<client>,',
      'login name=x client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with a setting',
      '^<prefix>login name=<text> client=<client>,',
      'login name=trap client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with fixed text in angle brackets',
      '^<prefix>login name=\\<trap>, client=<client>,',
      'login name=<trap>, client=e[198.51.100.1],>, client=r[203.0.113.9],',
    ],
    [
      'with a block with text of clients',
      '^<prefix>login<more> client=<client>,',
      'login x client=e[198.51.100.1], ; client=r[203.0.113.9],',
    ],
    [
      'with letters in any case and a class',
      '^<prefix>[Ll]ogin [Nn]ame=[a-z]+ client=<client>,',
      'Login Name=x client=e[198.51.100.1], client=r[203.0.113.9],',
    ],
    [
      'with a plain address',
      '^<prefix:dovecot>login: user=[a-z]+ rip=<address>,',
      'login: user=x rip=198.51.100.1, rip=203.0.113.9,',
    ],
    [
      'with its own address group',
      '^<prefix:dovecot>login: user=[a-z]+ rip=(?<address>[0-9.]+),',
      'login: user=x rip=198.51.100.1, rip=203.0.113.9,',
    ],
    [
      'with fixed text in angle brackets after the address, in an optional group',
      '^<prefix:dovecot>login: user=.*, rip=<address>(?:, user=\\<trap>)?$',
      'login: user=x, rip=203.0.113.9, user=<, rip=198.51.100.1, user=<trap>',
    ],
    [
      "of an earlier release's advice",
      '^<prefix:dovecot>imap-login: user=\\<<text>>, method=[A-Z0-9-]+, rip=<address>,',
      'imap-login: user=<trap>, method=PLAIN, rip=198.51.100.1,>, method=PLAIN, rip=203.0.113.9,',
    ],
    [
      'with a second anchor after free text',
      '^<prefix>login name=[a-z]+ client=<client>, failed.*$',
      'login name=x client=e[198.51.100.1], failed client=r[203.0.113.9], failed',
    ],
    [
      'with free text after the address',
      '^<prefix>login name=.* client=<client>, agent=.*$',
      'login name=x client=r[203.0.113.9], agent=a client=e[198.51.100.1], agent=b',
    ],
    [
      'with a class after the address',
      '^<prefix>login name=.* client=<client>, agent=[a-z]+$',
      'login name=x client=r[203.0.113.9], agent=a client=e[198.51.100.1], agent=b',
    ],
    [
      'with optional free text after the address',
      '^<prefix>login name=.* client=<client>(?:, agent=[a-z]*)?$',
      'login name=x client=r[203.0.113.9], agent=a client=e[198.51.100.1]',
    ],
    [
      'with an optional end of the line',
      '^<prefix>login name=.* client=<client>(?:, failed$|, refused)',
      'login name=x client=r[203.0.113.9], refused client=e[198.51.100.1], failed',
    ],
    [
      'with a line that may end earlier',
      '^<prefix>login name=[a-z]* client=<client>(?:$| x)',
      'login name=x client=e[198.51.100.1] x client=r[203.0.113.9]',
    ],
    [
      'with an optional second client',
      '^<prefix>login name=.*client=<client>(?:, for=[a-z]+\\[[0-9.]+\\])?$',
      'login name=x client=r[203.0.113.9], for=client=e[198.51.100.1]',
    ],
  ])('is refused: %s', (_title, pattern, message) => {
    // The pattern accepts the forged line.
    expect(addressIn(pattern, message)).toBe(STRANGER);
    const refusal = refusalOf(pattern, SETTINGS);
    expect(refusal).toMatch(/^\d+: variable piece ".+" before the client address, /s);
    // The pattern also accepts the forged line that the refusal shows.
    const [, forged = ''] = /the client 203\.0\.113\.9 could get 198\.51\.100\.1 banned with "(.*)"$/s.exec(refusal) ?? [];
    expect(forged).toContain(CLIENT);
    expect(addressIn(pattern, forged)).toBe(STRANGER);
  });

  it.each([
    ['^<prefix>login (?=name)name=x client=<client>,', 'looks ahead'],
    ['^<prefix>login (?<!x)name client=<client>,', 'looks behind'],
    ['^<prefix>login (a)\\1 client=<client>,', 'refers back'],
    ['^<prefix>login (?<a>x)\\k<a> client=<client>,', 'unknown building block'],
    ['^<prefix>login (?i:name) client=<client>,', 'switches flags'],
    ['^<prefix>login <client> for <client>,', 'a second client address'],
    ['^<prefix>login (?:<client>|<address>),', 'a second client address'],
    ['^<prefix>login (?:<client>)?,', 'no client address on every way'],
    ['^<prefix>login (?:<client> )+,', 'no client address on every way'],
    ['^<prefix>login (?:<client>|nobody),', 'no client address on every way'],
    ['<prefix>login <client>,', 'not anchored'],
    ['^<prefix>login <client>,|login <client>', 'a second client address'],
  ])('is refused when it cannot be searched: %s', (pattern, words) => {
    expect(refusalOf(pattern, SETTINGS)).toContain(words);
  });
});

describe('an address that can begin or end in two places', () => {
  it.each([
    ['^<prefix:dovecot>login: rip=<address>[0-9]*,', 'login: rip=198.51.100.10,'],
    ['^<prefix:dovecot>login: rip=<address>(?::<number>)?,', 'login: rip=2001:db8::1:25,'],
    ['^<prefix:dovecot>login: rip=<address>[,;] failed', 'login: rip=203.0.113.90, failed, failed'],
    ['^<prefix:dovecot>login: rip=<address><next> failed', 'login: rip=203.0.113.90, failed, failed'],
    ['^<prefix:dovecot>login: rip=(?<address>.*), failed', 'login: rip=203.0.113.9, failed, rip=198.51.100.1, failed'],
  ])('is refused: %s', (pattern, message) => {
    expect(unguarded(pattern).test(`${HEADS.dovecot}${message}`)).toBe(true);
    expect(refusalOf(pattern, SETTINGS)).toContain(': the client address "');
    expect(refusalOf(pattern, SETTINGS)).toContain(' can be found in two places, ');
  });

  it.each([
    ['short', '^<prefix:dovecot>login: rip=(?<address>[0-9.]{7,11})', 'login: rip=192.0.2.100', '192.0.2.100'],
    ['lazy', '^<prefix:dovecot>login: rip=(?<address>[0-9.]{12,}?)', 'login: rip=198.51.100.12', STRANGER],
  ])('is refused at the end of a pattern if its own group is %s', (_title, pattern, message, found) => {
    expect(addressIn(pattern, message)).toBe(found);
    expect(refusalOf(pattern)).toContain(' can be found in two places, ');
  });

  it('is not refused when the next character cannot be part of an address', () => {
    for (const next of [',', ' port <number>', ': failed', '\\]', '$', '']) {
      expect(refusalOf(`^<prefix:dovecot>login: rip=<address>${next}`)).toBe('accepted');
    }
  });
});

/** An accepted pattern, and lines that the server writes. Braces enclose text that a client can write. */
const ACCEPTED: readonly { readonly pattern: string; readonly lines: readonly string[] }[] = [
  { pattern: '^<prefix>connect from <client>', lines: ['connect from r[203.0.113.9]{}'] },
  {
    pattern: '^<prefix><queue-id>: discard: <stage> from <client>: \\<.*?>: <class> <text><rest>',
    lines: [
      'NOQUEUE: discard: RCPT from r[203.0.113.9]: <{a@b}>: Recipient address trap; from=<{a}> to=<{b}> proto=SMTP helo=<{c}>',
    ],
  },
  {
    pattern: '^<prefix><queue-id>: reject: (?:DATA|BDAT) from <client>: <reply>\\<(?<trap>[^<>]*)>: .*spamtrap',
    lines: ['NOQUEUE: reject: DATA from r[203.0.113.9]: 554 5.7.1 <{a@b}>: Recipient address rejected: spamtrap; {x}'],
  },
  { pattern: '^<prefix>[Ll][Oo][Gg][Ii][Nn] from <client>,', lines: ['LogiN from r[203.0.113.9], {x}'] },
  { pattern: '^<prefix>login <number> from <client>, .*failed', lines: ['login 17 from r[203.0.113.9], {x}failed{y}'] },
  {
    pattern: '^<prefix>login name=[A-Za-z0-9.-]+ client=<client>, failed$',
    lines: ['login name={bob} client=r[203.0.113.9], failed'],
  },
  {
    pattern: '^<prefix>login name=(?<trap>.*) client=<client>, failed$',
    lines: ['login name={bob} client=r[203.0.113.9], failed'],
  },
  { pattern: '^<prefix>login name=.*? client=<client>, failed$', lines: ['login name={bob} client=r[203.0.113.9], failed'] },
  {
    pattern: '^<prefix>login name=(?:alice|bob)? client=<client>, failed$',
    lines: ['login name={bob} client=r[203.0.113.9], failed'],
  },
  { pattern: '^<prefix>login name=. client=<client>, failed$', lines: ['login name={b} client=r[203.0.113.9], failed'] },
  { pattern: '^<prefix>login name=\\s*client=<client>$', lines: ['login name={ }client=r[203.0.113.9]'] },
  {
    pattern: '^<prefix>login(?: [a-z]+=[a-z]+)* client=<client>, failed after <number> tries$',
    lines: ['login{ a=b c=d} client=r[203.0.113.9], failed after 3 tries'],
  },
  {
    pattern: '^<prefix>login name=.*, client=<client>(?:, (?:TLS|secured))*, (?:failed|refused)(?: again)?$',
    lines: ['login name={bob}, client=r[203.0.113.9], refused again', 'login name={bob}, client=r[203.0.113.9], TLS, TLS, failed'],
  },
  {
    pattern: '^<prefix>login name=[^,]*, client=<client>, agent=[a-z]+$',
    lines: ['login name={bob}, client=r[203.0.113.9], agent={x}'],
  },
  {
    pattern: '^<prefix>login name="[^"]*" client=<client> agent="[^"]*"$',
    lines: ['login name="{bob}" client=r[203.0.113.9] agent="{x}"'],
  },
  {
    pattern:
      '^<prefix:dovecot>imap-login: Aborted login \\(auth failed, <number> attempts in <number> secs\\): user=\\<<text>>, method=[A-Z0-9-]+, rip=<address>, lip=<local-address>(?:, TLS)?, session=\\<<id>>$',
    lines: [
      'imap-login: Aborted login (auth failed, 1 attempts in 2 secs): user=<{trap}>, method={PLAIN}, rip=203.0.113.9, lip=192.0.2.25, TLS, session=<Ab+/9>',
    ],
  },
  { pattern: '^<prefix:dovecot>pop3-login: .*, rip=<address>$', lines: ['pop3-login: {x}, rip=203.0.113.9'] },
  {
    pattern: '^<prefix:dovecot>login: user=\\<[^>]*>, rip=<address>, lip=[0-9a-f.:]+$',
    lines: ['login: user=<{bob}>, rip=203.0.113.9, lip={192.0.2.25}'],
  },
  {
    pattern: '^<prefix:dovecot>login: (?:user=[a-z]+|uid=[0-9]+), rip=(?<address>[0-9.]+|[0-9a-f:]+)!$',
    lines: ['login: user={bob}, rip=203.0.113.9!', 'login: {uid=7}, rip=203.0.113.9!'],
  },
  { pattern: '^<prefix:dovecot>login: rip=<address>: .*failed', lines: ['login: rip=203.0.113.9: {x}failed{y}'] },
];

/**
 * A part of a pattern, and two texts that match it: one for a place before the address, and one for a place after the address. Braces enclose
 * text that a client can write.
 */
type Atom = readonly [pattern: string, before: string, behind: string];

const ATOMS: readonly Atom[] = [
  ...['name=', 'client=', ' ', ', ', 'x', ';'].map((text): Atom => [text, text, text]),
  ...['[a-z]*', '.*', '.*?', '[^,]*', '[^ ]+', '[a-z.]{0,9}', '(?<trap>.*)', '<text>'].map((text): Atom => [
    text,
    '{trap}',
    '{trap}',
  ]),
  ['(?:x|y)', '{x}', 'x'],
  ['(?: client=)?', '{ client=}', ' client='],
  ['(?: x)*', '{ x}', ' x x'],
  ['<number>', '7', '7'],
  ['<id>', 'Ab9', 'Ab9'],
  ['\\<trap>', '<{trap}>', '<{trap}>'],
  ['(?:, [a-z]+)?', '{, x}', ', {x}'],
];

/** Makes lists of at most four parts. */
const part = (atoms: readonly Atom[]): Arbitrary<readonly Atom[]> => array(constantFrom(...atoms), { maxLength: 4 });

/** Texts that an attacker may write: pieces of a line in which the address of a stranger replaces the client's own address. */
function piecesOf(line: string): readonly string[] {
  const forged = line.replaceAll(/[{}]/g, '').replace(CLIENT, STRANGER);
  const cuts = [
    0,
    ...[...forged.matchAll(/(?<=[ ,;:<>"=[\]])(?=.)|(?=[ ,;:<>"=[\]])(?<=.)/gs)].map((found) => found.index),
    forged.length,
  ];
  return cuts.flatMap((from, index) => cuts.slice(index + 1).map((to) => forged.slice(from, to)));
}

describe(`an accepted pattern (FUZZ_SEED=${SEED})`, { timeout: 60_000 * FUZZ }, () => {
  it.each(ACCEPTED)('finds only the client: $pattern', ({ pattern, lines }) => {
    expect(refusalOf(pattern, SETTINGS)).toBe('accepted');
    for (const line of lines) {
      expect(addressIn(pattern, line.replaceAll(/[{}]/g, ''))).toBe(CLIENT);
      const [first = '', ...rest] = line.split(/\{[^}]*\}/);
      const regexp = unguarded(pattern);
      const written = array(oneof({ weight: 9, arbitrary: constantFrom(...piecesOf(line)) }, { weight: 1, arbitrary: string() }), {
        maxLength: 4,
      }).map((pieces) => pieces.join('').replaceAll('\n', ' '));
      assert(
        property(tuple(...rest.map(() => written)), (texts) => {
          const message = first + rest.map((text, index) => `${texts[index]}${text}`).join('');
          expect([undefined, CLIENT]).toContain(regexp.exec(`${headOf(pattern)}${message}`)?.groups?.['address']);
        }),
        { numRuns: 300 * FUZZ, seed: SEED },
      );
    }
  });

  it('finds only the client, whatever parts the pattern has', () => {
    const anyPattern = tuple(part(ATOMS), constantFrom('r[<>]', '<>'), part(ATOMS), constantFrom('', '$'));
    let accepted = 0;
    assert(
      property(anyPattern, infiniteStream(integer({ min: 0 })), ([before, client, behind, end], chance) => {
        const pattern = `^<prefix>login ${before.map(([text]) => text).join('')}${client === '<>' ? '<address>' : '<client>'}${behind.map(([text]) => text).join('')}${end}`;
        if (refusalOf(pattern, SETTINGS) !== 'accepted') return;
        accepted += 1;
        const line = `login ${before.map(([, text]) => text).join('')}${client.replace('<>', CLIENT)}${behind.map(([, , text]) => text).join('')}${end === '$' ? '' : '!{}'}`;
        const pieces = piecesOf(line);
        const slots = line.split(/\{[^}]*\}/);
        const regexp = unguarded(pattern);
        const pick = (): string => pieces[(chance.next().value ?? 0) % pieces.length] ?? '';
        const forged: string[] = [];
        for (let attack = 0; attack < 100; attack += 1) {
          const message = slots.reduce((text, slot) => `${text}${pick()}${attack % 2 === 0 ? '' : pick()}${slot}`);
          const found = regexp.exec(`${HEADS.smtpd}${message}`)?.groups?.['address'];
          if (found !== undefined && found !== CLIENT) forged.push(`${pattern}: ${message}`);
        }
        expect(forged).toEqual([]);
      }),
      { numRuns: 200 * FUZZ, seed: SEED },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  it('is tested with attacks that find the address of a stranger if "$" is left out of the pattern', () => {
    const pattern = '^<prefix>login name=[A-Za-z0-9.-]+ client=<client>, failed';
    const found = piecesOf('login name={bob} client=r[203.0.113.9], failed').map((piece) =>
      addressIn(pattern, `login name=bob${piece} client=r[203.0.113.9], failed`),
    );
    expect(found).toContain(STRANGER);
  });
});

describe('a line that may have been cut', () => {
  it('is matched only by patterns whose proof does not depend on the end of the line', () => {
    expect(compiled('^<prefix>login name=[a-z]* client=<client>, failed$').longest).toBe(1000);
    expect(compiled('^<prefix>login name=<text> client=<client>, failed$', SETTINGS).longest).toBe(1000);
    expect(compiled('^<prefix>login from <client>, name=[a-z]* failed$').longest).toBe(Infinity);
  });
});

describe('the fixed text that identifies a line', () => {
  it('has at least three characters before all text that a client can write', () => {
    expect(refusalOf('^<prefix>log[a-z]* client=<client>$')).toBe('accepted');
    expect(refusalOf('^<prefix>lo[a-z]* client=<client>$')).toBe(
      '11: variable piece "[a-z]*" before the client address, begin with fixed text that no other line of the program begins with; another line may end with an address that a client has written',
    );
    expect(refusalOf('^<prefix>x{0}y{0}z{0}.* client=<client>$')).toContain('begin with fixed text');
    expect(refusalOf('^<prefix>(?:){1}(?:){1}(?:){1}.* client=<client>$')).toContain('begin with fixed text');
    expect(refusalOf('^<prefix>(?:ab){2}.* client=<client>$')).toBe('accepted');
    expect(refusalOf('^.*connect from <client>$')).toContain('begin with fixed text');
    expect(refusalOf('^<prefix>.*connect from <client>$')).toContain('begin with fixed text');
  });
});

const many = (count: number, piece: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => piece(index)).join('');

describe('the cost of the proof', () => {
  it('is limited, and a pattern above the limit is refused', () => {
    const wide = many(60, (index) => `(?: a${index}=.*)?`);
    const refusal = refusalOf(`^<prefix>login${wide} client=<client>(?:${many(100, (index) => `, (?:x|y)${index}|`)}, z)$`);
    expect(refusal).toMatch(/; it would take too long to prove that a client cannot write another address into the line$/);
  });
});

const shapesOf = (...patterns: string[]): Parameters<typeof findContradiction>[0] =>
  patterns.map((pattern) => compiled(pattern, SETTINGS).shape);

describe('two patterns that find two addresses in one line', () => {
  it('contradict each other', () => {
    const found = findContradiction(
      shapesOf('^<prefix>login name=[a-z]* client=<client>, failed$', '^<prefix>login name=<address> client='),
    );
    expect(found).toMatchObject({ genuine: 0, read: 1, forgery: { kind: 'forged' } });
    const contradiction = found?.forgery;
    const [line = ''] = contradiction?.kind === 'forged' ? contradiction.lines : [];
    expect(addressIn('^<prefix>login name=<address> client=', line)).toBe(STRANGER);
    expect(addressIn('^<prefix>login name=.* client=<client>, failed$', line)).toBe(CLIENT);
  });

  it('contradict each other also when all text before the address is fixed, in either order', () => {
    const one = '^<prefix>login r[203.0.113.9] <client>'.replaceAll(/[[\].]/g, '\\$&');
    const other = '^<prefix>login <client>';
    expect(findContradiction(shapesOf(one, other))).toMatchObject({ genuine: 0, read: 1 });
    expect(findContradiction(shapesOf(other, one))).toMatchObject({ genuine: 0, read: 1 });
    expect(findContradiction(shapesOf(other, other, '^<prefix>logout <client>', one))).toMatchObject({ genuine: 0, read: 3 });
  });

  it('contradict each other also when only one pattern begins with a prefix', () => {
    const one = '^<prefix:dovecot>login rip=<address>, user=[a-z]+$';
    const other = '^Jun +[0-9]+ [0-9:]+ mx dovecot: login .*rip=<address>$';
    const line = `${HEADS.dovecot}login rip=203.0.113.9, user= rip=198.51.100.1`;
    expect(unguarded(other).exec(line)?.groups?.['address']).toBe(STRANGER);
    expect(findContradiction(shapesOf(one, other))).toMatchObject({ genuine: 0, read: 1, forgery: { kind: 'forged' } });
    expect(findContradiction(shapesOf(one, '^Jun +[0-9]+ [0-9:]+ mx dovecot: logout .*rip=<address>$'))).toBeUndefined();
  });

  it('do not contradict each other when they find equal addresses or match different lines', () => {
    expect(
      findContradiction(
        shapesOf(
          '^<prefix>login from <client>: <text>',
          '^<prefix>login from <client>: .*<text>',
          '^<prefix>logout name=.* client=<client>$',
          '^<prefix>connect from <client>',
          '^<prefix>connect from <id> <client>',
        ),
      ),
    ).toBeUndefined();
  });
});
