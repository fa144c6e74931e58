import { describe, expect, it } from 'vitest';
import { createMatcher } from '../../src/filters/match.ts';
import type { Batch, Hit, NearMiss } from '../../src/words/walk.ts';
import { batchOf, hitLine, matcherOf, NEAR, recordingLog, shipped } from '../support/filters/lines.ts';
import { where } from '../support/config/where.ts';

const spamtrap = shipped('postfix-spamtrap');

/** The hits in these lines, with the rules that are enabled by default. */
function found(lines: string | Buffer): readonly Hit[] {
  return matcherOf(spamtrap).match(batchOf(lines));
}

const addresses = (hits: readonly Hit[]): string[] => hits.map((hit) => hit.address);

describe('a plain hit', () => {
  it('P01: has address, rule, time and fields', () => {
    expect(found(`${hitLine()}\n`)).toEqual([
      {
        jail: 'spamtrap',
        rule: 'recipient',
        address: '192.0.2.10',
        at: new Date(2026, 5, 1, 10).getTime(),
        key: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        fields: { queueId: 'NOQUEUE', trap: 'trap@example.org', sender: 'a@example.com', helo: 'h.example.com' },
      },
    ]);
  });

  it('is found in a line that ends without a newline, or with a carriage return before the newline', () => {
    expect(addresses(found(hitLine()))).toEqual(['192.0.2.10']);
    expect(found(`${hitLine()}\r\n`)[0]?.fields.helo).toBe('h.example.com');
  });

  it.each([
    ['P03: a port', 'unknown[192.0.2.10]:51234', '192.0.2.10'],
    ['P04: an IPv6 address whose end looks like a port', 'mail.example.net[2001:db8::1:25]', '2001:db8::1:25'],
    ['P04: an IPv6 address and a port', 'mail.example.net[2001:DB8:0::1]:25', '2001:db8::1'],
    ['P05: IPv4 inside IPv6', 'a[::ffff:192.0.2.7]', '192.0.2.7'],
    ['P22: a link-local address with its zone', 'unknown[fe80::1%eth0]', 'fe80::1'],
    ['P22: a link-local address with its zone and port', 'unknown[fe80::1%br-3f.100]:25', 'fe80::1'],
    ['P07: digits in the reverse name', '44.188.11.37.dynamic.example.es[37.11.188.44]', '37.11.188.44'],
    ['a reverse name of 253 characters', `${'a.'.repeat(126)}a[192.0.2.7]`, '192.0.2.7'],
  ])('has the address of its client with %s', (_title, client, address) => {
    expect(addresses(found(hitLine({ client })))).toEqual([address]);
  });

  it.each([
    ['P06: no address', 'unknown[unknown]'],
    ['P21: not an address', 'a[999.1.1.1]'],
    ['P21: a leading zero', 'a[192.0.2.010]'],
    ['a zone after an address that cannot have a zone', 'a[2001:db8::1%eth0]'],
    ['an invalid name', 'a b[192.0.2.1]'],
    ['no name', '[192.0.2.1]'],
  ])('is not found with %s', (_title, client) => {
    expect(found(hitLine({ client }))).toEqual([]);
  });

  it('P13: is found with any syslog_name', () => {
    const names = ['postfix-out/smtpd', 'postfix/submission/smtpd', 'postfix-example.com/smtpd', 'mailgw/smtpd'];
    const lines = names.map((name) => hitLine().replace('postfix/smtpd', name));
    expect(found(lines.join('\n'))).toHaveLength(4);
    expect(found(hitLine().replace('postfix/smtpd', 'smtpd'))).toEqual([]);
    expect(found(hitLine().replace('postfix/smtpd', 'postfix/postscreen'))).toEqual([]);
  });

  it('P14: is found with a long queue id', () => {
    expect(found(hitLine().replace('NOQUEUE', '44JCRG5tYPzCqt2'))[0]?.fields.queueId).toBe('44JCRG5tYPzCqt2');
  });

  const message = hitLine().slice(hitLine().indexOf('NOQUEUE'));
  it.each([
    [
      'P16: RFC 5424',
      `<22>1 2026-06-01T10:00:00.123456+02:00 mx1 postfix/smtpd 4711 - [timeQuality tzKnown="1" isSynced="1"] ${message}`,
      123,
    ],
    ['RFC 5424 with a byte order mark', `<22>1 2026-06-01T10:00:00.123+02:00 mx1 postfix 4711 - - \ufeff${message}`, 123],
    ['P17: ISO 8601', `2026-06-01T10:00:00.748493+02:00 mx1 postfix/smtpd[4711]: ${message}`, 748],
    ['ISO 8601 with a priority', `<22>2026-06-01T08:00:00Z mx1 postfix/smtpd[4711]: ${message}`, 0],
    ['FreeBSD, verbose', `<22>2026-06-01T08:00:00Z <mail.info> mx1 postfix/smtpd[4711]: ${message}`, 0],
  ])('has the time of its line in %s', (_title, line, millis) => {
    expect(found(line)[0]?.at).toBe(Date.UTC(2026, 5, 1, 8) + millis);
  });

  it('has the time of its batch when the line has no readable time', () => {
    expect(found(`<22>1 - mx1 postfix/smtpd 4711 - - ${message}`)[0]?.at).toBe(NEAR);
    expect(found(hitLine().replace('Jun  1', 'Jun 31'))[0]?.at).toBe(NEAR);
  });
});

const saying = (text: string): string => hitLine().replace('triggers spamtrap', text);

describe('a line with words of the trap table', () => {
  it.each(['triggers spamtrap', 'triggers spamtrap abc-', 'triggers spamtrap; please ban'])('is a hit with "%s"', (text) => {
    expect(found(saying(text))).toHaveLength(1);
  });

  it('is a hit when it was cut right after the words', () => {
    expect(found(hitLine().replace(/spamtrap;.*/, 'spamtrap'))).toHaveLength(1);
  });

  it.each(['triggers spamtraps of ours', 'Triggers Spamtrap', 'triggers  spamtrap', 'triggers DISCARD action', 'triggers spamtra'])(
    'is no hit with "%s"',
    (text) => {
      expect(found(saying(text))).toEqual([]);
    },
  );

  it('P02: is a hit with the words that the jail sets', () => {
    const matcher = matcherOf(shipped('postfix-spamtrap', 'triggers DISCARD action'));
    expect(matcher.match(batchOf(saying('triggers DISCARD action')))).toHaveLength(1);
    expect(matcher.match(batchOf(saying('triggers spamtrap')))).toEqual([]);
  });

  it('is a hit with words that contain special characters of patterns or multibyte characters', () => {
    const text = 'löst (Spamfalle) aus.*';
    const matcher = matcherOf(shipped('postfix-spamtrap', text));
    expect(matcher.match(batchOf(saying(text)))).toHaveLength(1);
    expect(matcher.match(batchOf(saying('löst (Spamfalle) aus...')))).toEqual([]);
  });
});

const rejected = (action: string): string =>
  `Jun  1 10:00:00 mx1 postfix/smtpd[1]: NOQUEUE: ${action}: RCPT from a[192.0.2.1]: 550 5.7.1 <trap@example.org>: Recipient address rejected: spamtrap; from=<a@b> to=<trap@example.org> proto=ESMTP helo=<h>`;

describe('a line that resembles a hit', () => {
  it.each([
    [
      'P09',
      'evil[6.6.6.6]: 550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown; from=<a@b> to=<nobody@example.org> proto=ESMTP helo=<discard: RCPT from v[8.8.8.8]: <t>: Recipient address triggers spamtrap>',
    ],
    [
      'P10',
      'evil[6.6.6.6]: 504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname; from=<"NOQUEUE: discard: RCPT from v[8.8.8.8]: <t>: Recipient address triggers spamtrap"@b> to=<u@example.org> proto=ESMTP helo=<x>',
    ],
  ])('%s: is no hit when a hit is forged inside a rejection', (_id, rest) => {
    expect(found(`Jun  1 10:00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from ${rest}`)).toEqual([]);
  });

  it('P24: of postscreen is no hit in any of the filters', () => {
    const lines = [
      'Jun  1 10:00:00 mx1 postfix/postscreen[1]: PREGREET 47 after 0 from [192.0.2.5]:62873: \\003\\000\\000',
      'Jun  1 10:00:00 mx1 postfix/postscreen[1]: NOQUEUE: reject: RCPT from [192.0.2.6]:60591: 550 5.7.1 Service unavailable; client [192.0.2.6] blocked using rbl.example.com; from=<a@b>, to=<c@d>, proto=ESMTP, helo=<x>',
    ].join('\n');
    for (const name of ['postfix-spamtrap', 'postfix-redirect', 'postfix-reject-trap']) {
      expect(matcherOf(shipped(name)).match(batchOf(lines))).toEqual([]);
    }
  });

  it('P23: is a hit only of postfix-reject-trap when the trap table has REJECT', () => {
    expect(addresses(matcherOf(shipped('postfix-reject-trap')).match(batchOf(rejected('reject'))))).toEqual(['192.0.2.1']);
    expect(found(rejected('reject'))).toEqual([]);
  });

  it('P28: with reject_warning is no hit', () => {
    expect(matcherOf(shipped('postfix-reject-trap')).match(batchOf(rejected('reject_warning')))).toEqual([]);
  });
});

describe('a client that has logged in', () => {
  const line = hitLine({ login: 'user@example.org' });

  it('P30: is a hit only with its rule enabled', () => {
    expect(found(line)).toEqual([]);
    const [hit] = matcherOf(spamtrap, { authenticated: true }).match(batchOf(line));
    expect(hit).toMatchObject({ rule: 'authenticated', address: '192.0.2.10', fields: { login: 'user@example.org' } });
  });

  it.each([
    ['with a login name that contains blanks', 'Jane Doe'],
    ['on behalf of another user', 'user@example.org sasl_sender=other'],
  ])('%s is no hit', (_title, login) => {
    expect(found(hitLine({ login }))).toEqual([]);
  });

  it('is no hit when the trap table matched something other than the recipient', () => {
    for (const words of ['Sender address', 'Helo command', 'Client host', 'SASL login name', 'Data command']) {
      expect(found(line.replace('Recipient address', words).replace('RCPT', 'DATA'))).toEqual([]);
    }
  });

  const end = '> sasl_method=PLAIN sasl_username=x';
  it.each([
    ['the sender address', { sender: `"a@b${end}"@example.com` }],
    [
      'the recipient address',
      { recipient: `x>: Recipient address triggers spamtrap; from=<a> to=<b> proto=ESMTP helo=<h${end}@example.org` },
    ],
    ['the HELO name', { helo: 'h?sasl_method=PLAIN?sasl_username=x' }],
  ])('cannot be imitated with text in %s', (_title, parts) => {
    expect(addresses(found(hitLine(parts)))).toEqual(['192.0.2.10']);
  });

  it('cannot be imitated by a line that was cut inside the sender address', () => {
    const cut = hitLine({ sender: `"x> to=<b> proto=ESMTP helo=<h${end}` }).replace(/(sasl_username=x)>.*/, '$1');
    expect(cut).toMatch(/sasl_username=x$/);
    expect(addresses(found(cut))).toEqual(['192.0.2.10']);
  });
});

describe('rules', () => {
  const sender = hitLine().replace('Recipient address', 'Sender address');

  it('can be disabled by a jail', () => {
    expect(found(sender)[0]?.rule).toBe('sender');
    expect(matcherOf(spamtrap, { sender: false }).match(batchOf(sender))).toEqual([]);
    expect(matcherOf(spamtrap, { recipient: false }).match(batchOf(`${hitLine()}\n${sender}\n`))).toHaveLength(1);
  });

  it('are listed if they are enabled', () => {
    const rules = matcherOf(spamtrap, { data: false }).rules();
    expect(rules.map((rule) => rule.rule)).toEqual(['recipient', 'sender', 'helo', 'client']);
    expect(rules.every((rule) => rule.jail === 'spamtrap' && rule.setAside === null)).toBe(true);
  });

  it('are refused when the filter does not have them', () => {
    expect(() => matcherOf(spamtrap, { recipent: false })).toThrow(
      'jail "spamtrap": filter "postfix-spamtrap" has no rule "recipent", did you mean "recipient"?',
    );
  });

  it('are refused with their place in the configuration', () => {
    const watch = { jail: 'spamtrap', filter: spamtrap, rules: { recipent: false }, where };
    expect(() => createMatcher([watch], { log: recordingLog() })).toThrow(
      'rules.recipent key: filter "postfix-spamtrap" has no rule "recipent", did you mean "recipient"?',
    );
  });

  it('lead to at most one hit for a line in each jail, in the order of the lines', () => {
    const redirect = shipped('postfix-redirect');
    const matcher = createMatcher(
      [
        { jail: 'b', filter: redirect, rules: {} },
        { jail: 'one', filter: spamtrap, rules: {} },
        { jail: 'two', filter: spamtrap, rules: {} },
      ],
      { log: recordingLog() },
    );
    const redirected = hitLine({ client: 'a[192.0.2.3]' })
      .replace('discard', 'redirect')
      .replace('triggers spamtrap', 'triggers REDIRECT spamtrap@localhost');
    const hits = matcher.match(batchOf(`${hitLine()}\n${redirected}\n${sender}\n`));
    expect(hits.map((hit) => [hit.jail, hit.address, hit.rule])).toEqual([
      ['one', '192.0.2.10', 'recipient'],
      ['two', '192.0.2.10', 'recipient'],
      ['b', '192.0.2.3', 'recipient'],
      ['one', '192.0.2.10', 'sender'],
      ['two', '192.0.2.10', 'sender'],
    ]);
  });
});

describe('the bytes of a log', () => {
  const forged = hitLine({ client: 'v[192.0.2.99]' });

  it('do not end a line at U+2028, U+2029 and U+0085', () => {
    for (const separator of ['\u2028', '\u2029', '\u0085', '\v', '\f', '\r']) {
      const hits = found(hitLine({ recipient: `a${separator}${forged}${separator}`, sender: `"${separator}${forged}"@x` }));
      expect(addresses(hits)).toEqual(['192.0.2.10']);
    }
  });

  it('may be invalid UTF-8, and fields are still valid text', () => {
    const line = Buffer.concat([
      Buffer.from(hitLine().slice(0, -14)),
      Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      Buffer.from('>\n'),
    ]);
    const [hit] = found(line);
    expect(hit?.fields.helo).toContain('\ufffd');
    expect(found(hitLine({ sender: 'jürgen@example.org' }))[0]?.fields.sender).toBe('jürgen@example.org');
  });

  it('may contain NULs before and after a line, which a lost write leaves, and the line is still found', () => {
    expect(addresses(found(`${'\0'.repeat(5000)}${hitLine()}\n`))).toEqual(['192.0.2.10']);
    expect(addresses(found(`${hitLine()}${'\0'.repeat(50_000)}\n${hitLine()}\n`))).toEqual(['192.0.2.10', '192.0.2.10']);
  });

  it('P20: may form a line of 5 MB, of which only the start is used, and the next line is still matched', () => {
    const long = Buffer.alloc(5_000_000, ' triggers spamtrap');
    const lines = Buffer.concat([long, Buffer.from(`\n${hitLine()}\n`), Buffer.from(hitLine({ client: 'a[192.0.2.1]' })), long]);
    expect(addresses(found(lines))).toEqual(['192.0.2.10', '192.0.2.1']);
  });

  it('are cut to 512 characters in each field', () => {
    expect(found(hitLine({ recipient: 'x'.repeat(1900) }))[0]?.fields.trap).toHaveLength(512);
  });
});

const repeated = (times: number | string, host = 'mx1'): string => `Jun  1 10:00:09 ${host} last message repeated ${times} times`;

describe('"last message repeated"', () => {
  it('P12: adds a hit for each repetition', () => {
    const hits = found(`${hitLine()}\n${repeated(4)}\n`);
    expect(addresses(hits)).toEqual(Array<string>(5).fill('192.0.2.10'));
    expect(new Set(hits.map((hit) => hit.key)).size).toBe(5);
    expect(hits[4]?.at).toBe(new Date(2026, 5, 1, 10, 0, 9).getTime());
  });

  it("P12: adds hits also when it is the first line of the source's next batch", () => {
    const matcher = matcherOf(spamtrap);
    matcher.match(batchOf(`${hitLine()}\n`, 'a'));
    expect(matcher.match(batchOf(`${repeated(2)}\n${repeated(3)}\n`, 'b'))).toEqual([]);
    expect(matcher.match(batchOf(`${repeated(2)}\n`, 'a'))).toHaveLength(2);
    expect(matcher.match(batchOf(`${repeated(3)}\nother\n${repeated(3)}\n`, 'a'))).toHaveLength(3);
    expect(matcher.match(batchOf(`${repeated(3)}\n`, 'a'))).toEqual([]);
  });

  it('counts for the line before it also when an earlier run has read that line', () => {
    const next = (before: string): number =>
      matcherOf(spamtrap).match({ ...batchOf(`${repeated(2)}\n`), before: Buffer.from(before) }).length;
    expect(next(`${hitLine()}\n`)).toBe(2);
    expect(next(`${hitLine()}\n${repeated(3)}\n`)).toBe(2);
    expect(next(`${hitLine()}\nother\n`)).toBe(0);
    expect(next('')).toBe(0);
  });

  it('counts for the line before it in its own log, not in another log of the source', () => {
    const matcher = matcherOf(spamtrap);
    matcher.match({ ...batchOf(`${hitLine()}\n`), log: 'one.log' });
    expect(matcher.match({ ...batchOf(`${repeated(5)}\n`), log: 'two.log' })).toEqual([]);
    expect(matcher.match({ ...batchOf(`${repeated(2)}\n`), log: 'one.log' })).toHaveLength(2);
  });

  it.each([
    ['after a line that is no hit', `${hitLine()}\nJun  1 10:00:00 mx1 postfix/smtpd[4711]: disconnect\n${repeated(4)}\n`],
    ['of another host', `${hitLine()}\n${repeated(4, 'mx2')}\n`],
    ['as a message of a program', `${hitLine()}\nJun  1 10:00:00 mx1 evil[1]: last message repeated 4 times\n`],
    ['without a number', `${hitLine()}\n${repeated('many')}\n`],
  ])('adds no hits %s', (_title, lines) => {
    expect(found(lines)).toHaveLength(1);
  });

  it('adds at most a thousand hits', () => {
    expect(found(`${hitLine()}\n${repeated(999_999_999)}\n`)).toHaveLength(1001);
  });
});

/** The line of syslog-ng in place of `times` further hits. */
const suppressed = (times: number, begin = 'NOQUEUE: discard: RC', tag = 'postfix/smtpd[77]'): string =>
  `Jun  1 10:00:09 mx1 ${tag}: Last message '${begin}' repeated ${times} times, suppressed by syslog-ng on mx1.example.com`;

/** The line in a form that a template of syslog-ng writes. */
const template = (line: string): string => line.replace(/^Jun {2}1 (\S+) mx1/, '2026.06.01 $1 mx1(mail.info)');

describe('"Last message ... repeated N times, suppressed by syslog-ng"', () => {
  it('adds a hit for each repetition, also without a process id and in the next batch', () => {
    expect(found(`${hitLine()}\n${suppressed(4)}\n`)).toHaveLength(5);
    expect(found(`${hitLine()}\n${suppressed(4, undefined, 'postfix/smtpd')}\n`)).toHaveLength(5);
    const matcher = matcherOf(spamtrap);
    matcher.match(batchOf(`${hitLine()}\n`, 'a'));
    expect(matcher.match(batchOf(`${suppressed(2)}\n`, 'a'))).toHaveLength(2);
  });

  it('adds hits in a form of the line that a template writes', () => {
    const hits = found(`${template(hitLine())}\n${template(suppressed(3))}\n`);
    expect(hits.map(({ at }) => at)).toEqual([0, 9, 9, 9].map((second) => new Date(2026, 5, 1, 10, 0, second).getTime()));
  });

  it.each([
    ['of another program', suppressed(4, undefined, 'evil[1]')],
    ['of another message', suppressed(4, 'disconnect from unkn')],
    ['of another host', suppressed(4).replace('mx1', 'mx2')],
    ['with more text at its end', `${suppressed(4)} and more`],
    ['in a message of the program', suppressed(4).replace('Last', 'warning: Last')],
    ['behind another line', `x\n${suppressed(4)}`],
  ])('adds no hits %s', (_title, line) => {
    expect(found(`${hitLine()}\n${line}\n`)).toHaveLength(1);
  });

  it('marks the repeats of a line whose date cannot be read', () => {
    const hits = found(`${hitLine()}\n${suppressed(1).replace('Jun  1', 'Jun 31')}\n`);
    expect(hits.map(({ undated }) => undated?.slice(0, 6))).toEqual([undefined, 'Jun 31']);
  });
});

/** The line of rsyslog in place of `times` further hits. */
const reduced = (times: number | string): string =>
  `${hitLine().replace('NOQUEUE', `message repeated ${times} times: [ NOQUEUE`)}]`;

describe('"message repeated N times: [ ... ]"', () => {
  it('P11: is N hits, each with a key of its own', () => {
    const hits = found(`${hitLine()}\n${reduced(2)}\n`);
    expect(addresses(hits)).toEqual(Array<string>(3).fill('192.0.2.10'));
    expect(new Set(hits.slice(1).map((hit) => hit.key)).size).toBe(2);
    expect(hits[1]).toEqual(hits[0]);
  });

  it('is at most 1001 hits', () => {
    expect(found(`${reduced(999_999_999)}\n`)).toHaveLength(1001);
  });

  it('is a hit also where rsyslog has cut the message', () => {
    expect(
      found(
        `${hitLine()
          .replace('NOQUEUE', 'message repeated 2 times: [ NOQUEUE')
          .replace(/ helo=.*/, ' he]')}\n`,
      ),
    ).toHaveLength(2);
  });

  it.each([
    ['in the text of a client', hitLine({ helo: `x message repeated 9 times: [ ${hitLine()}]` })],
    ['behind other words of the message', reduced(9).replace('message repeated', 'warning: message repeated')],
    ['with the message of another program', reduced(9).replace('/smtpd', '/smtp')],
    ['without a number', reduced('many')],
  ])('is no further hit %s', (_title, line) => {
    expect(found(`${line}\n`).length).toBeLessThanOrEqual(1);
  });
});

describe('a repeated message', () => {
  it('has an equal key within one second, and another key in the next second or for another text', () => {
    const [one, again, later, other] = found(
      [hitLine(), hitLine().replace('[4711]', '[4712]'), hitLine().replace(':00 mx1', ':01 mx1'), hitLine({ helo: 'x' })].join(
        '\n',
      ),
    );
    expect(again?.key).toBe(one?.key);
    expect(later?.key).not.toBe(one?.key);
    expect(other?.key).not.toBe(one?.key);
  });
});

/** Yields batches of at most `most` whole lines. As in an archive, each batch overwrites the bytes of the batch before it. */
async function* batchesOf(lines: readonly string[], most: number, end?: Error): AsyncGenerator<Batch> {
  const memory = Buffer.alloc(1_000_000);
  for (let start = 0; start < lines.length; start += most) {
    const length = memory.fill(0).write(`${lines.slice(start, start + most).join('\n')}\n`, 'latin1');
    yield batchOf(memory.subarray(0, length));
  }
  if (end) throw end;
}

async function groupsOf(batches: AsyncIterable<Batch>): Promise<Hit[][]> {
  const groups: Hit[][] = [];
  for await (const hits of matcherOf(spamtrap).matchAll(batches)) groups.push([...hits]);
  return groups;
}

describe('an old log', () => {
  const other = 'Jun  1 10:00:00 mx1 postfix/smtpd[1]: disconnect from a[192.0.2.1]';
  const lines = Array.from({ length: 700 }, (_, index) =>
    index % 3 === 0 ? other : index % 7 === 0 ? repeated(2) : hitLine({ client: `a[198.51.100.${index % 256}]` }),
  );

  it.each([1, 2, 7, 1000])('has equal hits when it is read %i lines at a time', async (most) => {
    const expected = found(`${lines.join('\n')}\n`);
    expect(expected.length).toBeGreaterThan(450);
    const groups = await groupsOf(batchesOf(lines, most));
    expect(groups.flat()).toEqual(expected);
  });

  it('gives its hits in groups of 2000', async () => {
    const groups = await groupsOf(batchesOf(Array<string>(5000).fill(hitLine()), 10));
    expect(groups.map((group) => group.length)).toEqual([2000, 2000, 1000]);
  });

  it('yields a group after every thousand batches, even if they contain no hit', async () => {
    expect(await groupsOf(batchesOf(Array<string>(2500).fill(other), 1))).toHaveLength(3);
  });

  it('gives the hits before an error that ends the log', async () => {
    const hits: Hit[] = [];
    const all = matcherOf(spamtrap).matchAll(batchesOf([hitLine(), other], 1, new Error('damaged')));
    const read = async (): Promise<void> => {
      for await (const group of all) hits.push(...group);
    };
    await expect(read()).rejects.toThrow('damaged');
    expect(addresses(hits)).toEqual(['192.0.2.10']);
  });
});

describe('a jail that names its sources', () => {
  const MAIL = 'file:/var/log/mail.log';
  const redirect = shipped('postfix-redirect');
  const matcher = createMatcher(
    [
      { jail: 'mail', filter: spamtrap, rules: {}, sources: [MAIL] },
      { jail: 'journal', filter: spamtrap, rules: {}, sources: ['journal', 'file:/var/log/mx2.log'] },
      { jail: 'all', filter: spamtrap, rules: {}, sources: 'all' },
      { jail: 'redirect', filter: redirect, rules: {}, sources: [MAIL] },
    ],
    { log: recordingLog() },
  );
  const jailsFor = (source: string, line = hitLine()): string[] =>
    matcher.match(batchOf(`${line}\n`, source)).map(({ jail }) => jail);

  it('finds hits only in its sources', () => {
    expect(jailsFor(MAIL)).toEqual(['mail', 'all']);
    expect(jailsFor('journal')).toEqual(['journal', 'all']);
    expect(jailsFor('file:/var/log/mx2.log')).toEqual(['journal', 'all']);
    expect(jailsFor('file:/var/log/mail.log.1')).toEqual(['all']);
    expect(jailsFor('constructor')).toEqual(['all']);
  });

  it('finds no hit in other sources when no other jail has its filter', () => {
    const line = hitLine().replace('discard', 'redirect').replace('triggers spamtrap', 'triggers REDIRECT spamtrap@localhost');
    expect(jailsFor(MAIL, line)).toEqual(['redirect']);
    expect(jailsFor('journal', line)).toEqual([]);
  });

  it('gets hits of "last message repeated" lines only in its sources', () => {
    const counted = `${hitLine()}\nJun  1 10:00:05 mx1 last message repeated 2 times\n`;
    expect(matcher.match(batchOf(counted, MAIL)).map(({ jail }) => jail)).toEqual(['mail', 'all', 'mail', 'all', 'mail', 'all']);
    expect(matcher.match(batchOf(counted, 'journal')).filter(({ jail }) => jail === 'mail')).toEqual([]);
  });

  it('is listed with its rules', () => {
    expect([...new Set(matcher.rules().map(({ jail }) => jail))]).toEqual(['mail', 'journal', 'all', 'redirect']);
  });
});

describe('near misses', () => {
  const table = `${hitLine().replace('address triggers spamtrap', 'address spamtrap')}\n`;
  const unknown = `weird | ${hitLine()}\n`;

  it('are handed over beside the hits, in the order of the lines, and only when there are any', () => {
    const kinds: (readonly string[])[] = [];
    const matcher = matcherOf(spamtrap);
    const keep = (misses: readonly NearMiss[]): void => void kinds.push(misses.map(({ kind }) => kind));
    expect(addresses(matcher.match(batchOf(`${table}${hitLine()}\n${unknown}`), keep))).toEqual(['192.0.2.10']);
    expect(matcher.match(batchOf(`x\n${hitLine()}\n`), keep)).toHaveLength(1);
    expect(kinds).toEqual([['text triggers spamtrap', 'prefix']]);
  });

  it('are found in a source only for the jails that look at it', () => {
    const jails = [{ jail: 'spamtrap', filter: spamtrap, rules: {}, sources: ['journal'] }];
    const matcher = createMatcher(jails, { log: recordingLog() });
    const inSource = (source: string): number => {
      let count = 0;
      matcher.match(batchOf(table + unknown, source), (misses) => {
        count += misses.length;
      });
      return count;
    };
    expect([inSource('journal'), inSource('other')]).toEqual([2, 0]);
  });

  it('are found in the whole of an old log if they hold a literal of a filter, and else in its first 8 MiB and then in one MiB of 16', async () => {
    const filler = 'x'.repeat(2 ** 20 - table.length - unknown.length - 1);
    const kinds: string[] = [];
    async function* batches(): AsyncGenerator<Batch> {
      for (let part = 0; part < 40; part += 1) yield batchOf(`${table}${unknown}${filler}\n`);
    }
    const all = matcherOf(spamtrap).matchAll(batches(), (misses) => kinds.push(...misses.map(({ kind }) => kind)));
    for await (const hits of all) expect(hits).toEqual([]);
    expect(kinds.filter((kind) => kind === 'prefix')).toHaveLength(40);
    expect(kinds.filter((kind) => kind !== 'prefix')).toHaveLength(8 + 2);
  });
});
