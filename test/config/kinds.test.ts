import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  absolutePath,
  allOrNames,
  decimalNumber,
  fileName,
  flag,
  isAbsolutePath,
  line,
  networks,
  shown,
  socketMode,
  span,
  spanOrForever,
  syslogNames,
  translatorPrefixes,
  wholeNumber,
} from '../../src/config/kinds.ts';

const DAY = 86_400_000;
const CENTURY = 36_500 * DAY;

/** Reads a written value as a kind of value. Returns the value, or the message of the refusal. */
function read(kind: z.ZodType, written: unknown): unknown {
  const result = kind.safeParse(written);
  return result.success ? result.data : `refused: ${result.error.issues[0]?.message}`;
}

describe('a span of time', () => {
  it.each([
    ['90s', 90_000],
    [' 10m ', 600_000],
    ['1h30m', 5_400_000],
    [90, 90_000],
    ['1s', 1000],
    ['36500d', CENTURY],
  ])('is read from %j', (written, millis) => {
    expect(read(span(), written)).toBe(millis);
  });

  it.each([
    ['soon', 'refused: "soon" is no span of time, write it like 90s, 10m, 1h or 7d'],
    [0.5, 'refused: "0.5" is no span of time, write it like 90s, 10m, 1h or 7d'],
    [null, 'refused: nothing is no span of time, write it like 90s, 10m, 1h or 7d'],
    [['1h'], 'refused: a list or mapping is no span of time, write it like 90s, 10m, 1h or 7d'],
    [0, 'refused: "0" is too short, at least 1s is needed'],
    ['36501d', 'refused: "36501d" is no span of time, write it like 90s, 10m, 1h or 7d'],
  ])('is not read from %j', (written, message) => {
    expect(read(span(), written)).toBe(message);
  });

  it('allows its bounds and no value beyond them', () => {
    const kind = span(60_000, DAY);
    expect([read(kind, '60s'), read(kind, '1d')]).toEqual([60_000, DAY]);
    expect(read(kind, '59s')).toBe('refused: "59s" is too short, at least 1m is needed');
    expect(read(kind, '86401s')).toBe('refused: "86401s" is too long, at most 1d is allowed');
  });

  it('can be forever where the option allows it', () => {
    expect([read(spanOrForever(), 'forever'), read(spanOrForever(), -1), read(spanOrForever(), '1h')]).toEqual([
      null,
      null,
      3_600_000,
    ]);
    expect(read(spanOrForever(), '-1')).toBe('refused: "-1" is no span of time, write it like 10m, 1h, 7d or forever');
    expect(read(spanOrForever(), 0)).toBe('refused: "0" is too short, at least 1s is needed');
    expect(read(span(), 'forever')).toMatch(/^refused: "forever" is no span of time/);
  });
});

describe('a number', () => {
  it.each([
    [1, 1],
    [10, 10],
    [0, 'refused: "0" is no whole number from 1 to 10'],
    [11, 'refused: "11" is no whole number from 1 to 10'],
    [1.5, 'refused: "1.5" is no whole number from 1 to 10'],
    ['5', 'refused: "5" is no whole number from 1 to 10'],
    [Number.NaN, 'refused: "NaN" is no whole number from 1 to 10'],
  ])('without a fraction is read from %j as %j', (written, value) => {
    expect(read(wholeNumber(1, 10), written)).toBe(value);
  });

  it.each([
    [1, 1],
    [1.5, 1.5],
    [10, 10],
    [0.99, 'refused: "0.99" is no number from 1 to 10'],
    [10.01, 'refused: "10.01" is no number from 1 to 10'],
    [Number.NaN, 'refused: "NaN" is no number from 1 to 10'],
    [true, 'refused: "true" is no number from 1 to 10'],
  ])('with a fraction is read from %j as %j', (written, value) => {
    expect(read(decimalNumber(1, 10), written)).toBe(value);
  });
});

describe('a switch', () => {
  it.each([
    [true, true],
    [false, false],
    ['yes', 'refused: "yes" is neither true nor false'],
    ['true', 'refused: "true" is neither true nor false'],
    [1, 'refused: "1" is neither true nor false'],
  ])('is read from %j as %j', (written, value) => {
    expect(read(flag(), written)).toBe(value);
  });
});

describe('a line of text', () => {
  it.each([
    ['four', 'four'],
    ['fiver', 'fiver'],
    ['sixsix', 'refused: text of 6 characters, at most 5 are allowed'],
    ['', 'refused: "" is no text'],
    [' ', 'refused: " " is no text'],
    [5, 'refused: "5" is no text'],
    ['a\nb', 'refused: "a\\u{a}b" holds characters that cannot be seen'],
  ])('of at most 5 characters is read from %j as %j', (written, value) => {
    expect(read(line(5), written)).toBe(value);
  });
});

describe('an absolute path', () => {
  it.each([
    ['/var/log/mail.log', '/var/log/mail.log'],
    ['mail.log', 'refused: "mail.log" is no absolute path, begin it with /'],
    ['/', 'refused: "/" is no absolute path, begin it with /'],
    ['/a\nb', 'refused: "/a\\u{a}b" is no absolute path, begin it with /'],
    [5, 'refused: "5" is no absolute path, begin it with /'],
  ])('is read from %j as %j', (written, value) => {
    expect(read(absolutePath(), written)).toBe(value);
    expect(typeof written === 'string' && isAbsolutePath(written)).toBe(value === written);
  });
});

describe('the mode of a socket', () => {
  it.each([
    ['0660', 0o660],
    ['660', 0o660],
    ['0o600', 0o600],
    ['0770', 0o770],
    [660, 'refused: "660" is read as a decimal number, write it in quotes like \'0660\''],
    ['0661', 'refused: "0661" lets everybody on this machine ban and unban, end it with 0'],
    ['0666', 'refused: "0666" lets everybody on this machine ban and unban, end it with 0'],
    ['0460', 'refused: "0460" keeps the daemon\'s own user out, begin it with 06'],
    ['0260', 'refused: "0260" keeps the daemon\'s own user out, begin it with 06'],
    ['0680', 'refused: "0680" is no mode, write three octal digits like \'0660\''],
    ['10660', 'refused: "10660" is no mode, write three octal digits like \'0660\''],
    [null, "refused: nothing is no mode, write three octal digits like '0660'"],
  ])('is read from %j as %j', (written, value) => {
    expect(read(socketMode(), written)).toBe(value);
  });
});

describe('a list of networks', () => {
  it.each([
    [
      ['192.0.2.1', '2001:DB8::/32', '/etc/friends'],
      ['192.0.2.1/32', '2001:db8::/32', '/etc/friends'],
    ],
    ['192.0.2.1, 198.51.100.0/24  /etc/friends', ['192.0.2.1/32', '198.51.100.0/24', '/etc/friends']],
    ['', []],
    [[], []],
  ])('is read from %j', (written, value) => {
    expect(read(networks(), written)).toEqual(value);
  });

  it.each([
    [
      ['192.0.2.1', 'mx.example.org'],
      'refused: "mx.example.org": not an address or network; write addresses, networks or absolute paths, names are not looked up',
    ],
    [['192.0.2.7/24'], 'refused: "192.0.2.7/24": host bits set, did you mean "192.0.2.0/24"?'],
    [[5], 'refused: "5": not an address or network; write addresses, networks or absolute paths, names are not looked up'],
    [5, 'refused: a list of addresses, networks or files is expected'],
  ])('is refused when it is %j', (written, message) => {
    expect(read(networks(), written)).toBe(message);
  });

  it('is refused with the position of the wrong entry', () => {
    expect(networks().safeParse(['192.0.2.1', 'x', '192.0.2.2']).error?.issues[0]?.path).toEqual([1]);
  });
});

describe('a list of prefixes of translators', () => {
  it.each([
    [
      ['64:ff9b::/96', '2001:DB8:64:0::/64'],
      ['64:ff9b::/96', '2001:db8:64::/64'],
    ],
    ['2001:db8:64::/96', ['2001:db8:64::/96']],
    [[], []],
  ])('is read from %j', (written, value) => {
    expect(read(translatorPrefixes(), written)).toEqual(value);
  });

  it.each([
    [
      ['192.0.2.0/24'],
      'refused: "192.0.2.0/24" is no prefix of a translator, write an IPv6 prefix of 32, 40, 48, 56, 64, 96 bits (RFC 6052)',
    ],
    [
      ['2001:db8::/80'],
      'refused: "2001:db8::/80" is no prefix of a translator, write an IPv6 prefix of 32, 40, 48, 56, 64, 96 bits (RFC 6052)',
    ],
    [
      ['2001:db8:0:0:100::/96'],
      'refused: "2001:db8:0:0:100::/96": bits 64 to 71 of a translator\'s prefix must be zero (RFC 6052)',
    ],
    [['64:ff9b::1/96'], 'refused: "64:ff9b::1/96": host bits set, did you mean "64:ff9b::/96"?'],
    [[5], 'refused: "5" is no prefix, write one like 2001:db8:64::/96'],
    [5, 'refused: a list of prefixes is expected'],
  ])('is refused when it is %j', (written, message) => {
    expect(read(translatorPrefixes(), written)).toBe(message);
  });
});

describe('the name or path of a file such as a filter', () => {
  it.each([
    ['postfix-spamtrap', 'postfix-spamtrap'],
    ['3com', '3com'],
    ['a'.repeat(64), 'a'.repeat(64)],
    ['/etc/trapline/filters/own.yaml', '/etc/trapline/filters/own.yaml'],
    ['a'.repeat(65), `refused: "${'a'.repeat(65)}" is no name of a filter and no absolute path`],
    ['-s', 'refused: "-s" is no name of a filter and no absolute path'],
    ['Own', 'refused: "Own" is no name of a filter and no absolute path'],
    ['../own', 'refused: "../own" is no name of a filter and no absolute path'],
    [5, 'refused: the name of a filter, or an absolute path, is expected'],
  ])('is read from %j as %j', (written, value) => {
    expect(read(fileName('a filter'), written)).toBe(value);
  });
});

describe('an option that is "all" or a list of names', () => {
  it.each([
    ['all', 'all'],
    ['journal', ['journal']],
    [
      ['journal', '/a'],
      ['journal', '/a'],
    ],
    [['all'], ['all']],
    [[], 'refused: an empty list selects no sources, name one or leave the option out'],
    [null, 'refused: a list of sources, or "all", is expected'],
    [5, 'refused: a list of sources, or "all", is expected'],
    [['journal', 5], 'refused: a list of sources, or "all", is expected'],
    [{ journal: true }, 'refused: a list of sources, or "all", is expected'],
  ])('is read from %j as %j', (written, value) => {
    expect(read(allOrNames('sources'), written)).toEqual(value);
  });
});

describe('the quotation of a value in a message', () => {
  it.each([
    ['a\u001b[2Jb', '"a\\u{1b}[2Jb"'],
    ['x'.repeat(100), `"${'x'.repeat(80)}..."`],
    [5, '"5"'],
    [true, '"true"'],
    [null, 'nothing'],
    [undefined, 'nothing'],
    [{}, 'a list or mapping'],
    [[], 'a list or mapping'],
  ])('is short and printable for %j', (written, text) => {
    expect(shown(written)).toBe(text);
  });
});

describe('every kind of value', () => {
  const kinds = [
    span(),
    spanOrForever(),
    wholeNumber(1, 10),
    decimalNumber(1, 10),
    flag(),
    line(80),
    absolutePath(),
    socketMode(),
    networks(),
    translatorPrefixes(),
    fileName('a filter'),
    allOrNames('sources'),
  ];

  it('is read as a value or refused in one printable sentence, whatever is written', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.anything(), (kind, written) => {
        const result = kind.safeParse(written);
        for (const { message } of result.error?.issues ?? []) expect(message).toMatch(/^[^\p{Cc}]+$/u);
      }),
    );
  });
});

describe('the names of Postfix', () => {
  it.each([
    ['auto', 'auto'],
    ['mail-in', ['mail-in']],
    [
      ['postfix*', 'mail-in/x'],
      ['postfix*', 'mail-in/x'],
    ],
  ])('are read from %j', (written, names) => {
    expect(read(syslogNames(), written)).toEqual(names);
  });

  it.each([
    [['postfix', '*'], 'refused: "*" is no syslog_name of Postfix, write it like postfix, mail-in/submission or mail*'],
    [['a b'], 'refused: "a b" is no syslog_name of Postfix, write it like postfix, mail-in/submission or mail*'],
    [5, 'refused: "5" is no syslog_name of Postfix, write it like postfix, mail-in/submission or mail*'],
    [[], 'refused: an empty list names no Postfix, name one or leave the option out'],
  ])('are refused as %j', (written, message) => {
    expect(read(syslogNames(), written)).toBe(message);
  });
});
