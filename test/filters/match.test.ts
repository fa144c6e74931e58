import { describe, expect, it } from 'vitest';
import { createMatcher } from '../../src/filters/match.ts';
import type { Batch, Hit } from '../../src/types.ts';
import { batchOf, hitLine, matcherOf, NEAR, recordingLog, shipped } from '../support/filters-lines.ts';

const spamtrap = shipped('postfix-spamtrap');

/** What the rules that are on by default find in these lines. */
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

  it('is found in the last line of an archive that has no newline, and before a carriage return', () => {
    expect(addresses(found(hitLine()))).toEqual(['192.0.2.10']);
    expect(found(`${hitLine()}\r\n`)[0]?.fields.helo).toBe('h.example.com');
  });

  it.each([
    ['P03: with its port', 'unknown[192.0.2.10]:51234', '192.0.2.10'],
    ['P04: an IPv6 address whose end looks like a port', 'mail.example.net[2001:db8::1:25]', '2001:db8::1:25'],
    ['P04: an IPv6 address with its port', 'mail.example.net[2001:DB8:0::1]:25', '2001:db8::1'],
    ['P05: IPv4 inside IPv6', 'a[::ffff:192.0.2.7]', '192.0.2.7'],
    ['P07: digits in the reverse name', '44.188.11.37.dynamic.example.es[37.11.188.44]', '37.11.188.44'],
    ['a reverse name of 253 characters', `${'a.'.repeat(126)}a[192.0.2.7]`, '192.0.2.7'],
  ])('%s', (_title, client, address) => {
    expect(addresses(found(hitLine({ client })))).toEqual([address]);
  });

  it.each([
    ['P06: no address', 'unknown[unknown]'],
    ['P21: not an address', 'a[999.1.1.1]'],
    ['P21: a leading zero', 'a[192.0.2.010]'],
    ['a scope', 'a[fe80::1%eth0]'],
    ['a name that is none', 'a b[192.0.2.1]'],
    ['no name', '[192.0.2.1]'],
  ])('%s: no hit', (_title, client) => {
    expect(found(hitLine({ client }))).toEqual([]);
  });

  it('P13: whatever syslog_name says', () => {
    const names = ['postfix-out/smtpd', 'postfix/submission/smtpd', 'postfix-example.com/smtpd', 'mailgw/smtpd'];
    const lines = names.map((name) => hitLine().replace('postfix/smtpd', name));
    expect(found(lines.join('\n'))).toHaveLength(4);
    expect(found(hitLine().replace('postfix/smtpd', 'smtpd'))).toEqual([]);
    expect(found(hitLine().replace('postfix/smtpd', 'postfix/postscreen'))).toEqual([]);
  });

  it('P14: with a long queue id', () => {
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
  ])('%s: has the time of its line', (_title, line, millis) => {
    expect(found(line)[0]?.at).toBe(Date.UTC(2026, 5, 1, 8) + millis);
  });

  it('has the time of its batch when the line has none that can be read', () => {
    expect(found(`<22>1 - mx1 postfix/smtpd 4711 - - ${message}`)[0]?.at).toBe(NEAR);
    expect(found(hitLine().replace('Jun  1', 'Jun 31'))[0]?.at).toBe(NEAR);
  });
});

const saying = (text: string): string => hitLine().replace('triggers spamtrap', text);

describe('the words of the trap table', () => {
  it.each(['triggers spamtrap', 'triggers spamtrap abc-', 'triggers spamtrap; please ban'])('"%s" is a hit', (text) => {
    expect(found(saying(text))).toHaveLength(1);
  });

  it('is a hit when the line was cut right behind them', () => {
    expect(found(hitLine().replace(/spamtrap;.*/, 'spamtrap'))).toHaveLength(1);
  });

  it.each(['triggers spamtraps of ours', 'Triggers Spamtrap', 'triggers  spamtrap', 'triggers DISCARD action', 'triggers spamtra'])(
    '"%s" is none',
    (text) => {
      expect(found(saying(text))).toEqual([]);
    },
  );

  it('P02: are a setting of the jail', () => {
    const matcher = matcherOf(shipped('postfix-spamtrap', 'triggers DISCARD action'));
    expect(matcher.match(batchOf(saying('triggers DISCARD action')))).toHaveLength(1);
    expect(matcher.match(batchOf(saying('triggers spamtrap')))).toEqual([]);
  });

  it('may have characters that mean something in a pattern, and more bytes than characters', () => {
    const text = 'löst (Spamfalle) aus.*';
    const matcher = matcherOf(shipped('postfix-spamtrap', text));
    expect(matcher.match(batchOf(saying(text)))).toHaveLength(1);
    expect(matcher.match(batchOf(saying('löst (Spamfalle) aus...')))).toEqual([]);
  });
});

const rejected = (action: string): string =>
  `Jun  1 10:00:00 mx1 postfix/smtpd[1]: NOQUEUE: ${action}: RCPT from a[192.0.2.1]: 550 5.7.1 <trap@example.org>: Recipient address rejected: spamtrap; from=<a@b> to=<trap@example.org> proto=ESMTP helo=<h>`;

describe('other lines', () => {
  it.each([
    [
      'P09',
      'evil[6.6.6.6]: 550 5.1.1 <nobody@example.org>: Recipient address rejected: User unknown; from=<a@b> to=<nobody@example.org> proto=ESMTP helo=<discard: RCPT from v[8.8.8.8]: <t>: Recipient address triggers spamtrap>',
    ],
    [
      'P10',
      'evil[6.6.6.6]: 504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname; from=<"NOQUEUE: discard: RCPT from v[8.8.8.8]: <t>: Recipient address triggers spamtrap"@b> to=<u@example.org> proto=ESMTP helo=<x>',
    ],
  ])('%s: a hit forged inside a rejection is none', (_id, rest) => {
    expect(found(`Jun  1 10:00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from ${rest}`)).toEqual([]);
  });

  it('P24: what postscreen rejects is no trap, for any of the filters', () => {
    const lines = [
      'Jun  1 10:00:00 mx1 postfix/postscreen[1]: PREGREET 47 after 0 from [192.0.2.5]:62873: \\003\\000\\000',
      'Jun  1 10:00:00 mx1 postfix/postscreen[1]: NOQUEUE: reject: RCPT from [192.0.2.6]:60591: 550 5.7.1 Service unavailable; client [192.0.2.6] blocked using rbl.example.com; from=<a@b>, to=<c@d>, proto=ESMTP, helo=<x>',
    ].join('\n');
    for (const name of ['postfix-spamtrap', 'postfix-redirect', 'postfix-reject-trap']) {
      expect(matcherOf(shipped(name)).match(batchOf(lines))).toEqual([]);
    }
  });

  it('P23: a trap kept with REJECT is a hit of the filter for such traps', () => {
    expect(addresses(matcherOf(shipped('postfix-reject-trap')).match(batchOf(rejected('reject'))))).toEqual(['192.0.2.1']);
    expect(found(rejected('reject'))).toEqual([]);
  });

  it('P28: reject_warning is no hit', () => {
    expect(matcherOf(shipped('postfix-reject-trap')).match(batchOf(rejected('reject_warning')))).toEqual([]);
  });
});

describe('a client that has logged in', () => {
  const line = hitLine({ login: 'user@example.org' });

  it('P30: is no hit, unless the rule is on', () => {
    expect(found(line)).toEqual([]);
    const [hit] = matcherOf(spamtrap, { authenticated: true }).match(batchOf(line));
    expect(hit).toMatchObject({ rule: 'authenticated', address: '192.0.2.10', fields: { login: 'user@example.org' } });
  });

  it.each([
    ['with a name that has blanks', 'Jane Doe'],
    ['on behalf of another', 'user@example.org sasl_sender=other'],
  ])('%s', (_title, login) => {
    expect(found(hitLine({ login }))).toEqual([]);
  });

  it('is told in every class and stage', () => {
    for (const words of ['Sender address', 'Helo command', 'Client host', 'SASL login name', 'Data command']) {
      expect(found(line.replace('Recipient address', words).replace('RCPT', 'DATA'))).toEqual([]);
    }
  });

  const end = '> sasl_method=PLAIN sasl_username=x';
  it.each([
    ['its sender', { sender: `"a@b${end}"@example.com` }],
    [
      'its recipient',
      { recipient: `x>: Recipient address triggers spamtrap; from=<a> to=<b> proto=ESMTP helo=<h${end}@example.org` },
    ],
    ['its HELO', { helo: 'h?sasl_method=PLAIN?sasl_username=x' }],
  ])('cannot be imitated in %s', (_title, parts) => {
    expect(addresses(found(hitLine(parts)))).toEqual(['192.0.2.10']);
  });

  it('cannot be imitated by a sender so long that the line is cut behind it', () => {
    const cut = hitLine({ sender: `"x> to=<b> proto=ESMTP helo=<h${end}` }).replace(/(sasl_username=x)>.*/, '$1');
    expect(cut).toMatch(/sasl_username=x$/);
    expect(addresses(found(cut))).toEqual(['192.0.2.10']);
  });
});

describe('rules', () => {
  const sender = hitLine().replace('Recipient address', 'Sender address');

  it('can be left out by a jail', () => {
    expect(found(sender)[0]?.rule).toBe('sender');
    expect(matcherOf(spamtrap, { sender: false }).match(batchOf(sender))).toEqual([]);
    expect(matcherOf(spamtrap, { recipient: false }).match(batchOf(`${hitLine()}\n${sender}\n`))).toHaveLength(1);
  });

  it('are listed as far as they count', () => {
    const rules = matcherOf(spamtrap, { data: false }).rules();
    expect(rules.map((rule) => rule.rule)).toEqual(['recipient', 'sender', 'helo', 'client']);
    expect(rules.every((rule) => rule.jail === 'spamtrap' && rule.setAside === null)).toBe(true);
  });

  it('are refused when the filter has no such rule', () => {
    expect(() => matcherOf(spamtrap, { recipent: false })).toThrow(
      'jail "spamtrap": filter "postfix-spamtrap" has no rule "recipent", did you mean "recipient"?',
    );
  });

  it('hit once in each jail, in the order of the lines', () => {
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

describe('bytes', () => {
  const forged = hitLine({ client: 'v[192.0.2.99]' });

  it('U+2028, U+2029 and U+0085 do not end a line', () => {
    for (const separator of ['\u2028', '\u2029', '\u0085', '\v', '\f', '\r']) {
      const hits = found(hitLine({ recipient: `a${separator}${forged}${separator}`, sender: `"${separator}${forged}"@x` }));
      expect(addresses(hits)).toEqual(['192.0.2.10']);
    }
  });

  it('that are no UTF-8 do no harm, and fields are text all the same', () => {
    const line = Buffer.concat([
      Buffer.from(hitLine().slice(0, -14)),
      Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      Buffer.from('>\n'),
    ]);
    const [hit] = found(line);
    expect(hit?.fields.helo).toContain('\ufffd');
    expect(found(hitLine({ sender: 'jürgen@example.org' }))[0]?.fields.sender).toBe('jürgen@example.org');
  });

  it('that are NUL before a line, as a lost write leaves them, do not hide it', () => {
    expect(addresses(found(`${'\0'.repeat(5000)}${hitLine()}\n`))).toEqual(['192.0.2.10']);
    expect(addresses(found(`${hitLine()}${'\0'.repeat(50_000)}\n${hitLine()}\n`))).toEqual(['192.0.2.10', '192.0.2.10']);
  });

  it('P20: a line of 5 MB takes no more than its start, and the next one is still matched', () => {
    const long = Buffer.alloc(5_000_000, ' triggers spamtrap');
    const lines = Buffer.concat([long, Buffer.from(`\n${hitLine()}\n`), Buffer.from(hitLine({ client: 'a[192.0.2.1]' })), long]);
    expect(addresses(found(lines))).toEqual(['192.0.2.10', '192.0.2.1']);
  });

  it('of a field are 512 at most', () => {
    expect(found(hitLine({ recipient: 'x'.repeat(1900) }))[0]?.fields.trap).toHaveLength(512);
  });
});

const repeated = (times: number | string, host = 'mx1'): string => `Jun  1 10:00:09 ${host} last message repeated ${times} times`;

describe('"last message repeated"', () => {
  it('P12: counts as that many further hits', () => {
    const hits = found(`${hitLine()}\n${repeated(4)}\n`);
    expect(addresses(hits)).toEqual(Array<string>(5).fill('192.0.2.10'));
    expect(new Set(hits.map((hit) => hit.key)).size).toBe(5);
    expect(hits[4]?.at).toBe(new Date(2026, 5, 1, 10, 0, 9).getTime());
  });

  it('P12: also as the first line of the next batch of the same source', () => {
    const matcher = matcherOf(spamtrap);
    matcher.match(batchOf(`${hitLine()}\n`, 'a'));
    expect(matcher.match(batchOf(`${repeated(2)}\n${repeated(3)}\n`, 'b'))).toEqual([]);
    expect(matcher.match(batchOf(`${repeated(2)}\n`, 'a'))).toHaveLength(2);
    expect(matcher.match(batchOf(`${repeated(3)}\nother\n${repeated(3)}\n`, 'a'))).toHaveLength(3);
    expect(matcher.match(batchOf(`${repeated(3)}\n`, 'a'))).toEqual([]);
  });

  it.each([
    ['after another line', `${hitLine()}\nJun  1 10:00:00 mx1 postfix/smtpd[4711]: disconnect\n${repeated(4)}\n`],
    ['of another host', `${hitLine()}\n${repeated(4, 'mx2')}\n`],
    ['as a message of a program', `${hitLine()}\nJun  1 10:00:00 mx1 evil[1]: last message repeated 4 times\n`],
    ['of no number', `${hitLine()}\n${repeated('many')}\n`],
  ])('counts for nothing %s', (_title, lines) => {
    expect(found(lines)).toHaveLength(1);
  });

  it('counts for a thousand at most', () => {
    expect(found(`${hitLine()}\n${repeated(999_999_999)}\n`)).toHaveLength(1001);
  });
});

describe('the same message', () => {
  it('has one key in a second, and another in the next, or with another text', () => {
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

/** Whole lines, a few at a time, in memory that is used again, as an archive hands them over. */
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

  it.each([1, 2, 7, 1000])('has the same hits, %i lines at a time', async (most) => {
    const expected = found(`${lines.join('\n')}\n`);
    expect(expected.length).toBeGreaterThan(450);
    const groups = await groupsOf(batchesOf(lines, most));
    expect(groups.flat()).toEqual(expected);
  });

  it('gives its hits some thousand at a time', async () => {
    const groups = await groupsOf(batchesOf(Array<string>(5000).fill(hitLine()), 10));
    expect(groups.map((group) => group.length)).toEqual([2000, 2000, 1000]);
  });

  it('is not kept for long where it holds nothing', async () => {
    expect(await groupsOf(batchesOf(Array<string>(2500).fill(other), 1))).toHaveLength(3);
  });

  it('that ends with an error has the hits before it', async () => {
    const hits: Hit[] = [];
    const all = matcherOf(spamtrap).matchAll(batchesOf([hitLine(), other], 1, new Error('damaged')));
    const read = async (): Promise<void> => {
      for await (const group of all) hits.push(...group);
    };
    await expect(read()).rejects.toThrow('damaged');
    expect(addresses(hits)).toEqual(['192.0.2.10']);
  });
});
