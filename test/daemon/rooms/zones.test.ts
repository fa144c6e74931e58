import { describe, expect, it } from 'vitest';
import { Zones, zoneText } from '../../../src/daemon/rooms/zones.ts';
import type { Hit } from '../../../src/words/walk.ts';
import { hit, HOUR } from '../../support/decision/words.ts';
import { recordingLog } from '../../support/daemon/desk.ts';

const dated = (ahead: number, writer = 'mx postfix/smtpd'): Hit => ({ ...hit('192.0.2.7'), zone: { writer, ahead } });

function newZones() {
  const { log, lines } = recordingLog();
  return { zones: new Zones(log), lines };
}

/** Notes the hits of one read for each offset. */
function noteAll(zones: Zones, aheads: readonly number[], writer?: string): void {
  for (const ahead of aheads) zones.note('file:/a', [dated(ahead, writer)]);
}

describe('`Zones`, which find programs that date their lines in another time zone', () => {
  it('log one notice with source, program and offset when three reads had one offset, and show it in the status', () => {
    const { zones, lines } = newZones();
    noteAll(zones, [-2 * HOUR, -2 * HOUR]);
    expect([lines, zones.of('file:/a')]).toEqual([[], {}]);
    noteAll(zones, Array<number>(5).fill(-2 * HOUR));
    expect(lines).toEqual([
      'file:/a: "mx postfix/smtpd" dates its new lines 2h behind the clock, so its time zone is not that of Trapline; ' +
        'Trapline corrects the time of its new lines, but lines that Trapline reads later keep their dates; ' +
        'give the program the time zone of Trapline (TZ, /etc/localtime), or let syslogd write dates with an offset from UTC',
    ]);
    expect(zones.of('file:/a')).toEqual({ zones: [{ writer: 'mx postfix/smtpd', offset: '-02:00' }] });
    expect(zones.of('file:/b')).toEqual({});
  });

  it('count reads, not hits: many hits of one read are no evidence', () => {
    const { zones, lines } = newZones();
    zones.note('file:/a', Array<Hit>(10).fill(dated(-HOUR)));
    expect([lines, zones.of('file:/a')]).toEqual([[], {}]);
  });

  it.each([
    [5.75 * HOUR, '+05:45', '5h 45m ahead of'],
    [-HOUR / 4, '-00:15', '15m behind'],
    [26 * HOUR, '+26:00', '1d 2h ahead of'],
  ])('name the offset of %s milliseconds as %s', (ahead, offset, words) => {
    const { zones, lines } = newZones();
    noteAll(zones, [ahead, ahead, ahead]);
    expect(zones.of('file:/a').zones?.[0]?.offset).toBe(offset);
    expect(lines[0]).toContain(`dates its new lines ${words} the clock`);
  });

  it('forget a program whose dates are right again, and begin again with another offset', () => {
    const { zones, lines } = newZones();
    noteAll(zones, [-HOUR, -HOUR, -HOUR, 0]);
    expect(zones.of('file:/a')).toEqual({});
    noteAll(zones, [-HOUR, -HOUR, -2 * HOUR, -2 * HOUR]);
    expect(zones.of('file:/a')).toEqual({});
    noteAll(zones, [-2 * HOUR]);
    expect(zones.of('file:/a')).toEqual({ zones: [{ writer: 'mx postfix/smtpd', offset: '-02:00' }] });
    expect(lines).toHaveLength(2);
  });

  it('log an offset that comes again, as after a change to summer time and back, only once', () => {
    const { zones, lines } = newZones();
    for (const ahead of [-1, -2, -1, -2, -1]) noteAll(zones, Array<number>(3).fill(ahead * HOUR));
    expect(lines).toHaveLength(2);
  });

  it('tell two programs of one host apart, such as a smtpd in a chroot and another outside of it', () => {
    const { zones } = newZones();
    for (let read = 0; read < 3; read += 1) {
      zones.note('file:/a', [dated(-HOUR), dated(0, 'mx postfix/submission/smtpd')]);
    }
    expect(zones.of('file:/a').zones).toHaveLength(1);
  });

  it('ignore hits whose date cannot be read, and hits without a zone', () => {
    const { zones } = newZones();
    noteAll(zones, [-HOUR, -HOUR]);
    zones.note('file:/a', [{ ...dated(0), undated: 'Nov 31' }, hit('192.0.2.7')]);
    noteAll(zones, [-HOUR]);
    expect(zones.of('file:/a').zones).toHaveLength(1);
  });

  it('remember at most a hundred programs of a source, log at most a hundred notices, and escape names', () => {
    const { zones, lines } = newZones();
    for (let number = 0; number < 150; number += 1) noteAll(zones, [HOUR, HOUR, HOUR], `mx${number} \u001b`);
    expect([zones.of('file:/a').zones?.length, lines.length]).toEqual([100, 100]);
    expect(lines[0]).toContain('"mx0 \\u{1b}"');
    for (let number = 0; number < 150; number += 1) noteAll(zones, [0, 2 * HOUR, 2 * HOUR, 2 * HOUR], `mx${number} \u001b`);
    expect(lines).toHaveLength(100);
  });
});

describe('`zoneText`', () => {
  it('names three programs at most, escaped', () => {
    const writers = ['a \u001b', 'b', 'c', 'd', 'e'].map((writer) => ({ writer, offset: '-01:00' }));
    expect(zoneText(writers)).toBe('; dates in another time zone: "a \\u{1b}" by -01:00, "b" by -01:00, "c" by -01:00 and 2 more');
    expect(zoneText(writers.slice(1, 2))).toBe('; dates in another time zone: "b" by -01:00');
    expect([zoneText([]), zoneText()]).toEqual(['', '']);
  });
});
