import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isNetwork, RowReader } from '../../../src/ledger/tables/rows.ts';
import { parseNetwork } from '../../../src/lib/address.ts';
import { Occurrences, type Ledger } from '../../../src/ledger/record.ts';
import { HOUR, network, NOON } from '../../support/decision/words.ts';
import { banned, LedgerFile, pastOf } from '../../support/ledger/file.ts';

let file: LedgerFile;
let ledger: Ledger;

beforeEach(() => {
  file = new LedgerFile();
  ledger = file.open({ scopes: () => [{ action: 'test', without: new Set() }] });
  ledger.recordStrictly([banned('192.0.2.1')]);
});
afterEach(() => file.remove());

/** Inserts a row into the table of bans. `change`: other values for some columns, as SQL text. */
function insertBan(change: Partial<Record<string, string>>): void {
  const columns = {
    network: "'192.0.2.66/32'",
    jail: "'spamtrap'",
    first: "'4000000000000000000000000c0000242'",
    last: "'4000000000000000000000000c0000242'",
    since: String(NOON),
    until: String(NOON + HOUR),
    offence: '1',
    origin: "'log'",
    reason: "'recipient'",
    forced: '0',
    ...change,
  };
  file.shell(`INSERT INTO bans (${Object.keys(columns).join(', ')}) VALUES (${Object.values(columns).join(', ')})`);
}

const BAD: readonly [column: string, value: string][] = [
  ['network', "'192.0.2.66/32 }; flush ruleset; #'"],
  ['network', "'192.0.2.66'"],
  ['network', "'192.0.2.66/33'"],
  ['network', "'192.0.2.66/24'"],
  ['network', "'999.0.2.66/32'"],
  ['network', "'192.0.2.066/32'"],
  ['network', "'2001:DB8::/64'"],
  ['network', "'-f /etc/shadow'"],
  ['network', "''"],
  ['network', "x'00'"],
  ['jail', "'spam trap'"],
  ['jail', "x'ff'"],
  ['since', '9e15'],
  ['since', '1e300'],
  ['since', "'yesterday'"],
  ['until', '9e15'],
  ['until', '-1e300'],
  ['until', "'for ever'"],
  ['until', "x'00'"],
  ['offence', '0'],
  ['offence', "'many'"],
  ['offence', '1.5'],
  ['origin', "'root'"],
  ['reason', "x'00'"],
  ['network', "'192.0.2.66/32' || char(0)"],
  ['network', "CAST(x'ff' AS TEXT)"],
  ['jail', "CAST(x'ff' AS TEXT)"],
  ['until', "CAST(x'ff' AS TEXT)"],
];

const networks = (): readonly string[] => ledger.standing.list().map((ban) => ban.network);

const entriesOf = (): unknown => {
  const wanted = ledger.wanted('test')(Infinity);
  return 'sample' in wanted ? wanted.sample : wanted;
};

describe('a bad row of the bans', () => {
  it.each(BAD)('with %s = %s never reaches a firewall or a listing, is logged, and is not changed', (column, value) => {
    insertBan({ [column]: value });
    const before = file.shell('SELECT * FROM bans ORDER BY rowid DESC LIMIT 1');
    const good = [{ network: '192.0.2.1/32', until: NOON + HOUR }];
    expect(entriesOf()).toEqual(good);
    expect(networks()).toEqual(['192.0.2.1/32']);
    expect([...ledger.standing.pages()].flat().map((ban) => ban.network)).toEqual(['192.0.2.1/32']);
    expect(ledger.standing.around(network('192.0.2.66')).length).toBe(0);
    expect(ledger.standing.nextEnd()).toBe(NOON + HOUR);
    expect(file.notices.join('\n')).toMatch(
      new RegExp(`a row of "bans" has ${column} ".*", correct or delete it; the row does not count`),
    );
    expect(file.shell('SELECT * FROM bans ORDER BY rowid DESC LIMIT 1')).toBe(before);
    file.now += HOUR;
    expect(ledger.expired().map((ban) => ban.network)).toEqual(['192.0.2.1/32']);
    expect(ledger.expired()).toEqual([]);
    expect(ledger.unban('all')).toEqual([]);
    expect(ledger.evict()).toEqual([]);
  });

  it('is not deleted when its end has passed, or when every ban is lifted', () => {
    insertBan({ network: "'192.0.2.66/32 }; flush ruleset; #'" });
    file.now += 2 * HOUR;
    expect(ledger.expired()).toHaveLength(1);
    ledger.unban('all');
    expect(file.shell('SELECT network FROM bans')).toBe('192.0.2.66/32 }; flush ruleset; #');
  });

  it('does not prevent a new ban of its client', () => {
    insertBan({ until: "'for ever'" });
    expect(ledger.recordStrictly([banned('192.0.2.66')]).changes).toEqual([
      { action: 'test', hold: [{ network: '192.0.2.66/32', until: NOON + HOUR }], free: [] },
    ]);
  });
});

describe('a row that another program wrote', () => {
  it('with text that is not UTF-8 as its reason ends nothing, is not listed, and is reported', () => {
    insertBan({ reason: "CAST(x'67fc' AS TEXT)" });
    expect(networks()).toEqual(['192.0.2.1/32']);
    expect(file.notices.join('\n')).toContain('a row of "bans" has reason "g\uFFFD"');
    ledger.unban('all');
    expect(entriesOf()).toEqual([]);
  });

  it('has a reason of any length, of which only the beginning is read', () => {
    insertBan({ reason: "replace(hex(zeroblob(100000)), '0', 'r')" });
    expect(Math.max(...ledger.standing.list().map(({ reason }) => reason.length))).toBe(500);
  });

  it.each(['-5', '0', '9223372036854775807'])('is listed under the row number %s', (rowid) => {
    insertBan({ rowid });
    expect([...ledger.standing.pages()].flat().map((ban) => ban.network)).toContain('192.0.2.66/32');
  });

  it('with the sort keys of another network hides no ban of that network', () => {
    const keys = file.shell("SELECT quote(first) || ',' || quote(last) FROM bans").split(',');
    insertBan({ first: keys[0] ?? '', last: keys[1] ?? '', until: 'NULL' });
    expect(entriesOf()).toEqual([
      { network: '192.0.2.1/32', until: NOON + HOUR },
      { network: '192.0.2.66/32', until: null },
    ]);
    expect(ledger.standing.entriesFor([network('192.0.2.1')])).toEqual([{ network: '192.0.2.1/32', until: NOON + HOUR }]);
    expect(ledger.unban([network('192.0.2.1')]).map((ban) => ban.network)).toContain('192.0.2.1/32');
  });

  it('leaves the ledger when its time was over before 1970', () => {
    insertBan({ since: '-9000', until: '-5000' });
    expect(ledger.standing.nextEnd()).toBe(-5000);
    ledger.expired();
    expect(file.shell('SELECT count(*) FROM bans')).toBe('1');
  });

  it('with the largest number deletes no hit and no offence', () => {
    ledger.recordStrictly([banned('192.0.2.2')]);
    file.shell('UPDATE hits SET id = 9223372036854775807 WHERE id = 2; UPDATE offences SET id = 9223372036854775807 WHERE id = 2');
    ledger.purge();
    expect(file.shell('SELECT count(*) FROM hits; SELECT count(*) FROM offences')).toBe('2\n2');
  });

  it('of tallies changes no count but its own', () => {
    file.shell("INSERT INTO tallies VALUES ('__proto__', 'spare', 7), ('constructor', 'ban', 5), ('x', 'ban', 9e999)");
    const { hits, jails } = ledger.counts();
    expect(hits).toBe(13);
    expect(Object.keys(jails)).toContain('__proto__');
    expect({}).not.toHaveProperty('spared');
  });

  it('that is bad, among very many bans, takes no other out of the listing', () => {
    insertBan({ network: "'nothing'" });
    ledger.recordStrictly(Array.from({ length: 3000 }, (_, index) => banned(`198.18.${index >> 8}.${index & 255}`)));
    expect([...ledger.standing.pages()].flat()).toHaveLength(3001);
  });
});

describe('a bad row of the offences', () => {
  it.each([
    ['since', "'tomorrow'"],
    ['since', '9e15'],
    ['until', "'never'"],
    ['until', '9e15'],
    ['offence', '-1'],
    ['offence', "'many'"],
  ])('with %s = %s does not count as an offence', (column, value) => {
    const row: Record<string, string> = { since: `${NOON - HOUR}`, until: `${NOON}`, offence: '7', [column]: value };
    file.shell(
      `INSERT INTO offences (network, jail, since, until, offence, origin, reason)
        VALUES ('192.0.2.66/32', 'spamtrap', ${row['since']}, ${row['until']}, ${row['offence']}, 'log', 'recipient')`,
    );
    expect(pastOf(ledger, network('192.0.2.66'), 'spamtrap')).toEqual({
      bannedUntil: undefined,
      lastOffence: undefined,
      offences: 0,
    });
  });
});

describe('a bad row of the hits', () => {
  it.each([
    ['address', "'192.0.2.66; flush ruleset'"],
    ['address', "''"],
    ['at', '9e15'],
    ['network', "'all'"],
    ['network', "'192.0.2.66/24'"],
  ])('with %s = %s counts towards no ban', (column, value) => {
    const row: Record<string, string> = { at: `${NOON}`, address: "'192.0.2.66'", network: "'192.0.2.66/32'", [column]: value };
    file.shell(
      `INSERT INTO hits (at, key, jail, rule, verdict, address, network)
        VALUES (${row['at']}, '0123456789abcdef', 'spamtrap', 'recipient', 'watch', ${row['address']}, ${row['network']})`,
    );
    expect(ledger.recentHits('spamtrap', NOON - HOUR)).toEqual([]);
    expect(file.notices.join('\n')).toContain(`a row of "hits" has ${column} "`);
    expect(ledger.novel([], new Occurrences())).toEqual([]);
  });
});

describe('RowReader', () => {
  it('logs a bad row once, with its control characters escaped', () => {
    const lines: string[] = [];
    const reader = new RowReader('/ledger', { warn: (text) => void lines.push(text) });
    for (let time = 0; time < 3; time += 1) reader.network({ network: 'x\u001B[31m\n' });
    expect(lines).toEqual([
      '/ledger: a row of "bans" has network "x\\u{1b}[31m\\u{a}", correct or delete it; the row does not count and stays as it is',
    ]);
  });
});

describe('RowReader with very many bad rows', () => {
  it('names a hundred of them, and reports that there are more', () => {
    const lines: string[] = [];
    const reader = new RowReader('/ledger', { warn: (text) => void lines.push(text) });
    for (let time = 0; time < 3; time += 1) for (let row = 0; row < 3000; row += 1) reader.network({ network: `x${row}` });
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('/ledger: more than 100 rows are bad; the others are not named, do not count and stay as they are');
  });
});

describe('isNetwork', () => {
  it.each([
    '192.0.2.7/32',
    '192.0.2.0/24',
    '0.0.0.0/0',
    '2001:db8::/64',
    '2001:db8:0:1::/64',
    '::/64',
    '::/0',
    '1::/64',
    '0:0:0:1::/64',
    '2001:db8::1/128',
    '2001:db8:1:2::/63',
    '::ffff:0:0/96',
    '192.0.2.7/24',
    '192.0.2.7',
    '1.2.3/32',
    '2001:db8:0::/64',
    '2001:0db8::/64',
    '2001:DB8::/64',
    '::ffff:192.0.2.1/128',
    '64:ff9b::c000:201/128',
    '2001:db8::/65',
    'a:b:c:d:e::/64',
    '/32',
    '',
  ])('agrees with parseNetwork about %j', (text) => {
    const read = parseNetwork(text);
    expect(isNetwork(text)).toBe('network' in read && read.network === text);
  });
});
