import { describe, expect, it } from 'vitest';
import { aheadOf, zoned } from '../../../src/filters/linestart/zone.ts';
import type { Batch, Hit } from '../../../src/words/walk.ts';
import { hitLine, matcherOf, NEAR, shipped } from '../../support/filters/lines.ts';
import { inZone } from '../../support/zone.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A date of RFC 3164, as a program writes it whose clock is `ahead` of UTC. */
function dateAt(at: number, ahead = 0): string {
  const [, day = '', month = '', , time = ''] = new Date(at + ahead).toUTCString().split(' ');
  return `${month} ${day.replace(/^0/, ' ')} ${time}`;
}

const matcher = matcherOf(shipped('postfix-spamtrap'));

/** A hit whose line has this date. */
const lineAt = (date: string, client = '192.0.2.10', host = 'mx1'): string =>
  `${hitLine({ client: `unknown[${client}]` })
    .replace('Jun  1 10:00:00', date)
    .replace(' mx1 ', ` ${host} `)}\n`;

/** A line of Postfix that is no hit. */
const otherAt = (date: string, host = 'mx1'): string => `${date} ${host} postfix/smtpd[4711]: connect from unknown[192.0.2.10]\n`;

interface Written {
  readonly at?: number;
  readonly writtenAfter?: number | undefined;
}

/** The hits of lines that were read at the instant `at`; the log was seen to end before them a second earlier. */
function hitsOf(text: string, { at = NEAR, ...more }: Written = {}): readonly Hit[] {
  const { writtenAfter = at - SECOND } = more;
  const isLive = !('writtenAfter' in more) || more.writtenAfter !== undefined;
  const batch: Batch = { source: 'test', bytes: Buffer.from(text), at, cursor: undefined, ...(isLive && { writtenAfter }) };
  return inZone('UTC', () => matcher.match(batch));
}

/** How late the hits are: the time of reading minus the time of the hit, in seconds. */
const lateness = (hits: readonly Hit[], at = NEAR): readonly number[] => hits.map((hit) => (at - hit.at) / SECOND);

/** A hit that was dated some seconds ago, by a clock that is an hour behind. */
const delayed = (seconds: number): string => lineAt(dateAt(NEAR - seconds * SECOND, -HOUR));

/** The offset of the zone of the first hit. */
const aheadIn = (text: string): number | undefined => hitsOf(text)[0]?.zone?.ahead;

describe('the time of a line that has just been written', () => {
  it.each([
    ['two hours behind', -2 * HOUR],
    ['one hour behind', -HOUR],
    ['one hour ahead', HOUR],
    ['five and a half hours ahead (India)', 5.5 * HOUR],
    ['five and three quarters of an hour ahead (Nepal)', 5.75 * HOUR],
    ['twelve and three quarters of an hour ahead (Chatham)', 12.75 * HOUR],
    ['nine and a half hours behind (Marquesas)', -9.5 * HOUR],
    ['a quarter of an hour behind', -HOUR / 4],
    ['26 hours behind', -26 * HOUR],
    ['26 hours ahead', 26 * HOUR],
  ])('is the time of its writing when its date is %s', (_, ahead) => {
    const [hit] = hitsOf(lineAt(dateAt(NEAR, ahead)));
    expect([hit?.at, hit?.zone]).toEqual([NEAR, { writer: 'mx1 postfix/smtpd', ahead }]);
  });

  it.each([
    ['50 minutes', 50 * MINUTE],
    ['an hour and a minute', 61 * MINUTE],
    ['an hour less 16 seconds', HOUR - 16 * SECOND],
    ['an hour and 20 seconds', HOUR + 20 * SECOND],
    ['27 hours', 27 * HOUR],
    ['two days', 48 * HOUR],
    ['a month', 30 * 24 * HOUR],
  ])('is the time of its date when the date is behind by %s, because the line is late', (_, behind) => {
    const [hit] = hitsOf(lineAt(dateAt(NEAR - behind)));
    expect([hit?.at, hit?.zone]).toEqual([NEAR - behind, undefined]);
  });

  it('keeps the seconds between its date and its writing: a writer may be slow, and a clock may be wrong by some seconds', () => {
    const delays = [-5, -3, 0, 1, 10, 15, -6, 17];
    const late = delays.map((seconds) => lateness(hitsOf(delayed(seconds)))[0]);
    expect(late).toEqual([-5, -3, 0, 1, 10, 15, 3594, 3617]);
  });

  it('is the time of its date in the right zone, and the zone is noted', () => {
    const [hit] = hitsOf(lineAt(dateAt(NEAR - 3 * SECOND)));
    expect([hit?.at, hit?.zone]).toEqual([NEAR - 3 * SECOND, { writer: 'mx1 postfix/smtpd', ahead: 0 }]);
  });

  it('is the time of its date when the date has an offset from UTC, or is an instant', () => {
    const behind = new Date(NEAR - HOUR).toISOString();
    const dates = [behind, behind.replace('Z', '+00:00'), String((NEAR - HOUR) / SECOND)];
    const hits = dates.flatMap((date) => hitsOf(lineAt(date)));
    expect(hits.map(({ at, zone }) => [at, zone])).toEqual(dates.map(() => [NEAR - HOUR, undefined]));
  });

  it('is also corrected in other forms without an offset', () => {
    const iso = new Date(NEAR - HOUR).toISOString().slice(0, 19);
    const dates = [iso, iso.replace('T', ' '), iso.replaceAll('-', '/').replace('T', ' '), `${dateAt(NEAR - HOUR)}.123`];
    const hits = dates.flatMap((date) => hitsOf(lineAt(date)));
    expect(hits.map(({ zone }) => zone)).toEqual(dates.map(() => ({ writer: 'mx1 postfix/smtpd', ahead: -HOUR })));
  });

  it('is right in the hours in which the clocks of Trapline change, although the date of the line is then wrong by another offset', () => {
    const spring = Date.parse('2026-03-29T00:00:00Z');
    const autumn = Date.parse('2026-10-25T00:00:00Z');
    const hours = [spring, autumn].flatMap((day) => Array.from({ length: 10 }, (_, half) => day + half * 30 * MINUTE));
    const found = inZone('Europe/Berlin', () =>
      hours.flatMap((at) =>
        matcher.match({
          source: 'test',
          bytes: Buffer.from(lineAt(dateAt(at))),
          at,
          writtenAfter: at - SECOND,
          cursor: undefined,
        }),
      ),
    );
    expect(found.map(({ at }) => at)).toEqual(hours);
    expect(new Set(found.map(({ zone }) => zone?.ahead))).toEqual(new Set([-HOUR, -2 * HOUR]));
  });

  it('changes no key, so that a backfill of the log finds the hit again', () => {
    const line = lineAt(dateAt(NEAR, -HOUR));
    expect(hitsOf(line)[0]?.key).toBe(hitsOf(line, { writtenAfter: undefined })[0]?.key);
  });

  it('is also corrected in the lines that syslogd writes in place of equal lines', () => {
    const repeat = `${dateAt(NEAR, -HOUR)} mx1 last message repeated 2 times\n`;
    const hits = hitsOf(`${lineAt(dateAt(NEAR - 4 * SECOND, -HOUR))}${repeat}`);
    expect(lateness(hits)).toEqual([4, 0, 0]);
    expect(new Set(hits.map(({ key }) => key)).size).toBe(3);
  });
});

describe('a line that is late, or may be', () => {
  const behind = lineAt(dateAt(NEAR, -HOUR));

  it('keeps its date when it is not known when the line was written: a backlog after a start, or an archive', () => {
    const [hit] = hitsOf(behind, { writtenAfter: undefined });
    expect([hit?.at, hit?.zone]).toEqual([NEAR - HOUR, undefined]);
  });

  it('keeps its date when the log was not watched for more than ten seconds, or when the clock was set back', () => {
    const instants = [NEAR - 10 * SECOND, NEAR - 11 * SECOND, NEAR + SECOND];
    const found = instants.map((writtenAfter) => hitsOf(behind, { writtenAfter })[0]?.at);
    expect(found).toEqual([NEAR, NEAR - HOUR, NEAR - HOUR]);
  });

  it('has its time when Trapline was busy for some seconds', () => {
    const late = [0, 8, 24].map((seconds) => lateness(hitsOf(delayed(seconds), { writtenAfter: NEAR - 9 * SECOND }))[0]);
    expect(late).toEqual([0, 8, 24]);
  });

  it('keeps its date in the backlog of an hour that a relay sends at once, also if the date is whole quarters behind', () => {
    const backlog = Array.from({ length: 13 }, (_, index) => NEAR - HOUR + index * 5 * MINUTE);
    const hits = hitsOf(backlog.map((at) => lineAt(dateAt(at))).join(''));
    expect(hits.map(({ at }) => at)).toEqual(backlog);
    // The line of this moment is right.
    expect(hits.map(({ zone }) => zone?.ahead)).toEqual([...Array<undefined>(12), 0]);
  });

  it('keeps its date among late lines that are no hits, at the start and at the end of what is read', () => {
    const many = otherAt(dateAt(NEAR, -HOUR)).repeat(100);
    const late = otherAt(dateAt(NEAR - 50 * MINUTE));
    expect([`${late}${many}${behind}`, `${behind}${many}${late}`, `${many}${behind}${many}`].map(aheadIn)).toEqual([
      undefined,
      undefined,
      -HOUR,
    ]);
    expect(aheadIn(`${late}${behind.trimEnd()}`)).toBeUndefined();
  });

  it('does not change the time of new lines of another host that are written between late lines', () => {
    const relayed = Array.from({ length: 6 }, (_, index) => lineAt(dateAt(NEAR - HOUR + index * 7 * MINUTE), '192.0.2.1', 'relay'));
    const own = lineAt(dateAt(NEAR - SECOND, -HOUR));
    const hits = hitsOf(relayed.flatMap((line) => [line, own]).join(''));
    const at = (client: string): readonly number[] => lateness(hits.filter(({ address }) => String(address) === client));
    expect(at('192.0.2.10')).toEqual(Array<number>(6).fill(1));
    expect(at('192.0.2.1')).toEqual([60, 53, 46, 39, 32, 25].map((minutes) => minutes * 60));
  });

  it('does not count as a line of a backlog when two programs of one host have two zones', () => {
    const qmgr = otherAt(dateAt(NEAR)).replace('smtpd', 'qmgr');
    expect(hitsOf(`${qmgr}${behind}${qmgr}`)[0]?.zone).toEqual({ writer: 'mx1 postfix/smtpd', ahead: -HOUR });
  });
});

describe('`aheadOf`', () => {
  it('finds every offset of a zone, for every delay that a new line may have', () => {
    for (let ahead = -26 * HOUR; ahead <= 26 * HOUR; ahead += HOUR / 4) {
      for (const delay of [-5, 0, 15]) {
        const written = { writtenAfter: NEAR - SECOND, at: NEAR };
        expect(aheadOf(NEAR - delay * SECOND + ahead, written)).toBe(ahead);
      }
    }
  });

  it('takes one date in forty for that of another zone, when dates are late by any time', () => {
    const written = { writtenAfter: NEAR - SECOND, at: NEAR };
    const taken = Array.from({ length: 86_400 }, (_, second) => aheadOf(NEAR - second * SECOND, written));
    expect(taken.filter((ahead) => ahead !== undefined).length / taken.length).toBeLessThan(1 / 40);
  });
});

describe('`zoned`', () => {
  it('leaves hits alone whose lines have no zone', () => {
    const hits = hitsOf(lineAt(new Date(NEAR).toISOString()));
    expect(zoned(hits, { bytes: Buffer.alloc(0), at: NEAR })).toBe(hits);
  });

  it('reads batches of any bytes', () => {
    const zone = { writer: 'mx1 postfix/smtpd', ahead: 0 };
    const hits = hitsOf(lineAt(dateAt(NEAR))).map((hit): Hit => ({ ...hit, at: NEAR - HOUR, zone }));
    for (const text of ['', '\n', 'x', '\n\n', 'x\n', `${'x'.repeat(70_000)}\n`.repeat(40), '\0\n'.repeat(100)]) {
      const [hit] = zoned(hits, { bytes: Buffer.from(text), at: NEAR, writtenAfter: NEAR });
      expect(hit?.zone).toEqual({ writer: 'mx1 postfix/smtpd', ahead: -HOUR });
    }
  });
});
