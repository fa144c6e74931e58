import { describe, expect, it } from 'vitest';
import { banTable, counted, nameOf, table } from '../../../src/cli/terminal/print.ts';
import type { BanRow } from '../../../src/words/desk.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');

const row = (rest: Partial<BanRow>): BanRow => ({
  network: '192.0.2.7',
  jail: 'spamtrap',
  since: '2026-11-25T07:00:00.000Z',
  until: '2026-11-25T09:30:00.000Z',
  offence: 1,
  origin: 'log',
  reason: 'recipient',
  ...rest,
});

describe('a table', () => {
  it('has columns of equal width, and escapes characters that could control a terminal', () => {
    expect(
      table([
        ['A', 'B'],
        ['long', 'x'],
        ['s', '\u001b[2J'],
      ]),
    ).toBe('A     B\nlong  x\ns     \\u{1b}[2J');
  });
});

describe('a table of 200,000 rows', () => {
  it('is as wide as its widest cell', () => {
    const lines = table([['A', 'B'], ...Array.from({ length: 200_000 }, () => ['x', 'y']), ['wide', 'z']]).split('\n');
    expect([lines.length, lines[0], lines.at(-2), lines.at(-1)]).toEqual([200_002, 'A     B', 'x     y', 'wide  z']);
  });
});

describe('the table of bans', () => {
  it('shows the remaining time of a ban, and "never" for a ban without an end', () => {
    const [head, one, other] = banTable([row({}), row({ network: '2001:db8::/64', until: null, offence: 2 })], NOW).split('\n');
    expect(head).toMatch(/^NETWORK +JAIL +SINCE +ENDS IN +OFFENCE +REASON$/);
    expect(one).toMatch(/^192\.0\.2\.7 +spamtrap +2026-11-2\d \d\d:\d\d:00 +1h 30m +1 +recipient$/);
    expect(other).toMatch(/^2001:db8::\/64 +spamtrap .* never +2 +recipient$/);
  });

  it('shows the IPv4 address of a client behind a translator before the address in its packets', () => {
    const translated = row({ network: '64:ff9b::c000:207', client: '192.0.2.7' });
    expect(nameOf(translated)).toBe('192.0.2.7 (64:ff9b::c000:207)');
    expect(nameOf(row({}))).toBe('192.0.2.7');
    expect(banTable([translated], NOW)).toContain('\n192.0.2.7 (64:ff9b::c000:207)  spamtrap');
  });
});

describe('counted', () => {
  it('writes a number and a noun in the singular or plural', () => {
    expect([counted(0, 'ban'), counted(1, 'ban'), counted(2, 'ban')]).toEqual(['0 bans', '1 ban', '2 bans']);
  });
});
