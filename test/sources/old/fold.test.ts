import { describe, expect, it } from 'vitest';
import { parseTimestamp } from '../../../src/lib/text/timestamp.ts';
import { eachLine } from '../../../src/sources/lines.ts';
import { RepeatedHours } from '../../../src/sources/old/fold.ts';
import { inZone } from '../../support/zone.ts';

/** Returns the time of each line. `size`: the number of lines that are read together. `near`: the time of reading, long after the lines. */
function dated(zone: string, heads: readonly string[], size = heads.length, near = '2026-12-01T00:00:00Z'): string[] {
  return inZone(zone, () => {
    const hours = new RepeatedHours();
    const lines = heads.map((head) => `${head} mx postfix/smtpd[1]: x\n`);
    const instants: string[] = [];
    for (let start = 0; start < lines.length; start += size) {
      const piece = Buffer.from(lines.slice(start, start + size).join(''));
      const parts = [...hours.cut({ piece, at: Date.parse(near) })];
      expect(Buffer.concat(parts.map((part) => part.piece)).equals(piece)).toBe(true);
      for (const { piece: part, at } of parts)
        for (const line of eachLine(part))
          instants.push(new Date(parseTimestamp(String(line), at)?.at ?? 0).toISOString().slice(5, 16));
    }
    return instants;
  });
}

/** Local times of one day, in the format of a log. */
const day = (date: string, ...times: readonly string[]): string[] => times.map((time) => `${date} ${time}:00`);

describe('the repeated hour', () => {
  const night = day('Oct 25', '01:50', '02:05', '02:25', '02:55', '02:01', '02:20', '02:45', '02:59', '03:01');
  const instants = ['24T23:50', '25T00:05', '25T00:25', '25T00:55', '25T01:01', '25T01:20', '25T01:45', '25T01:59', '25T02:01'];

  it.each([9, 1, 2, 4])('is dated by the order of its lines, in pieces of %i lines', (size) => {
    expect(dated('Europe/Berlin', night, size)).toEqual(instants.map((instant) => `10-${instant}`));
  });

  it('may have lines that are a little out of order', () => {
    expect(dated('Europe/Berlin', day('Oct 25', '02:30', '02:20', '02:59', '02:00', '03:00', '02:59'))).toEqual(
      ['25T00:30', '25T00:20', '25T00:59', '25T01:00', '25T02:00', '25T01:59'].map((instant) => `10-${instant}`),
    );
  });

  it('counts as the first of the two hours when no line shows the second hour', () => {
    expect(dated('Europe/Berlin', day('Oct 25', '02:10', '02:20', '03:10'))).toEqual(['10-25T00:10', '10-25T00:20', '10-25T02:10']);
  });

  it('may be half an hour', () => {
    expect(
      dated('Australia/Lord_Howe', day('Apr  5', '01:35', '01:55', '01:32', '01:58', '02:01'), 5, '2026-06-01T00:00:00Z'),
    ).toEqual(['04-04T14:35', '04-04T14:55', '04-04T15:02', '04-04T15:28', '04-04T15:31']);
  });

  it('comes once a year', () => {
    expect(dated('America/New_York', [...day('Nov  1', '01:50', '01:10'), ...day('Nov  3', '01:10')])).toEqual([
      '11-01T05:50',
      '11-01T06:10',
      '11-03T06:10',
    ]);
  });

  it('does not move lines with an offset, or without a date', () => {
    expect(dated('Europe/Berlin', ['2026-10-25T02:50:00+01:00', '2026-10-25T02:10:00+02:00', 'no date'])).toEqual([
      '10-25T01:50',
      '10-25T00:10',
      '01-01T00:00',
    ]);
  });
});

describe('a time outside of a repeated hour', () => {
  it.each(['Europe/Berlin', 'UTC'])('does not divide its piece (%s)', (zone) => {
    const piece = Buffer.from('Nov 29 02:10:00 mx a\nNov 29 02:00:00 mx b\nNov 30 02:00:00 mx c\n');
    const parts = inZone(zone, () => [...new RepeatedHours().cut({ piece, at: Date.parse('2026-12-01T00:00:00Z') })]);
    expect(parts).toEqual([{ piece, at: Date.parse('2026-12-01T00:00:00Z') }]);
  });
});
