import { describe, expect, it } from 'vitest';
import { dateIn, openMembers } from '../../../src/sources/envelope/members.ts';
import { readObject } from '../../../src/sources/envelope/object.ts';
import { inZone } from '../../support/zone.ts';
import { CLIENT, found, line, message, READ_AT } from '../../support/sources/envelopes.ts';

process.env['TZ'] = 'UTC';

const AT = `${CLIENT} 2026-11-28T17:00:00.467Z`;
const SECOND = `${CLIENT} 2026-11-28T17:00:00.000Z`;

const json = (members: Record<string, unknown>): string => JSON.stringify(members);

describe('a JSON line', () => {
  it.each([
    [
      'rsyslog, jsonmesg',
      {
        msg: ` ${message()}`,
        timereported: '2026-11-28T17:00:00.467434+00:00',
        hostname: 'mx',
        syslogtag: 'postfix/smtpd[4711]:',
        programname: 'postfix',
      },
      AT,
    ],
    [
      'a template of rsyslog for Elasticsearch',
      {
        '@timestamp': '2026-11-28T18:00:00.467434+01:00',
        host: 'mx',
        severity: 'info',
        tag: 'mail',
        programname: 'postfix',
        procid: '4711',
        message: ` ${message()}`,
      },
      AT,
    ],
    [
      'a template of rsyslog with the names of RFC 5424',
      { timestamp: '2026-11-28T17:00:00Z', hostname: 'mx', appname: 'postfix/smtpd', procid: 1, message: message() },
      SECOND,
    ],
    [
      'syslog-ng, format-json with the scope rfc5424',
      {
        PROGRAM: 'postfix/smtpd',
        PRIORITY: 'info',
        PID: '4711',
        MESSAGE: message(),
        HOST: 'mx',
        FACILITY: 'mail',
        DATE: 'Nov 28 17:00:00',
      },
      SECOND,
    ],
    [
      'syslog-ng with ISODATE',
      {
        SOURCE: 's_sys',
        PROGRAM: 'postfix/smtpd',
        PID: '1',
        MESSAGE: message(),
        LEGACY_MSGHDR: 'postfix/smtpd[1]: ',
        ISODATE: '2026-11-28T17:00:00+00:00',
      },
      SECOND,
    ],
    [
      'Filebeat with a whole line',
      {
        '@timestamp': '2026-11-28T17:00:00.467Z',
        host: { name: 'mx' },
        log: { file: { path: '/var/log/mail.log' } },
        message: line(),
      },
      AT,
    ],
    ['Fluent Bit with a whole line of CRI', { date: 1_795_885_200.467, stream: 'stdout', logtag: 'F', message: line() }, AT],
    ['seconds since 1970', { date: 1_795_885_200.467, program: 'postfix/smtpd', host: { name: 'mx' }, message: message() }, AT],
    ['milliseconds since 1970 as a text', { timestamp: '1795885200467', ident: 'postfix/smtpd', pid: '1', message: message() }, AT],
    ['a line with a date, and no date in the object', { message: line() }, SECOND],
    ['no date', { program: 'postfix/smtpd', message: message() }, `${CLIENT} undated`],
    [
      'a date that does not exist',
      { time: '2026-11-31T17:00:00Z', program: 'postfix/smtpd', message: message() },
      `${CLIENT} undated`,
    ],
  ])('is read: %s', (_, members, expected) => {
    expect(found(json(members))).toEqual([expected]);
    expect(found(json(members).replaceAll('/', String.raw`\/`))).toEqual([expected]);
  });

  it.each([
    ['another program', { program: 'nginx', message: message() }],
    ['another program whose client writes a whole line', { program: 'nginx', message: line() }],
    ['a text of an unknown name, which may be another program', { what: 'app', message: line() }],
    ['two messages', { program: 'postfix/smtpd', message: message(), msg: 'x' }],
    ['a program that is no word', { program: 'postfix/smtpd[1]: x', message: message() }],
    ['a host that is no word', { program: 'postfix/smtpd', host: 'mx x', message: message() }],
    ['a host that is no text', { program: 'postfix/smtpd', host: { name: ['mx'] }, message: message() }],
    ['a message of two lines', { program: 'postfix/smtpd', message: `x\n${message()}` }],
    ['a message in an inner object', { program: 'postfix/smtpd', message: { message: message() } }],
    ['a message of cleanup under a cut name', { programname: 'postfix', message: `4FzX: message-id=<${message()}>` }],
    ['fields of journald, whose sender is not checked', { SYSLOG_IDENTIFIER: 'postfix/smtpd', MESSAGE: message(), _UID: '1000' }],
    ['no message', { program: 'postfix/smtpd', text: message() }],
  ])('is no hit if it has %s', (_, members) => {
    expect(found(json(members))).toEqual([]);
  });

  it('is no hit if a template without escapes lets a client write members', () => {
    const client = `x","message":"${message({ client: 'x[203.0.113.66]' })}`;
    expect(found(`{"program":"postfix/smtpd","message":"${message({ helo: client })}"}`)).toEqual([]);
  });
});

describe('openMembers', () => {
  it('writes the line in the form of RFC 5424', () => {
    const members = readObject(json({ program: 'postfix/smtpd', pid: 7, host: 'mx', message: ' x', time: '2026-11-28T17:00:00Z' }));
    expect(members && openMembers(members, READ_AT)).toEqual({ text: '<22>1 2026-11-28T17:00:00.000Z mx postfix/smtpd 7 - - x' });
  });

  it('keeps a date without an offset as one, so that a new line of a program in another zone is corrected', () => {
    const before = '{"PROGRAM":"postfix/smtpd","PID":"7","MESSAGE":"x","HOST":"mx","DATE":';
    const textOf = (date: string, outer?: number): string | undefined => {
      const members = readObject(`${before}"${date}"}`);
      return members && openMembers(members, READ_AT, outer)?.text;
    };
    expect(textOf('Nov 28 15:00:00')).toBe('<22>1 2026-11-28T15:00:00.000 mx postfix/smtpd 7 - - x');
    expect(textOf('2026-11-28 15:00:00.5')).toBe('<22>1 2026-11-28T15:00:00.500 mx postfix/smtpd 7 - - x');
    expect(textOf('Nov 28 15:00:00', READ_AT)).toBe('<22>1 2026-11-28T18:00:00.000Z mx postfix/smtpd 7 - - x');
    inZone('Asia/Kathmandu', () => {
      expect(textOf('Nov 28 15:00:00')).toBe('<22>1 2026-11-28T15:00:00.000 mx postfix/smtpd 7 - - x');
    });
  });
});

describe('dateIn', () => {
  it.each([
    [{ time: 1_795_885_200 }, '2026-11-28T17:00:00.000Z'],
    [{ ts: 1_795_885_200_467_434 }, '2026-11-28T17:00:00.467Z'],
    [{ time: 12 }, undefined],
    [{ time: 1e300 }, undefined],
    [{ time: '' }, undefined],
    [{ time: 'Nov 28 17:00:00 x' }, undefined],
    [{ time: null, timegenerated: '2026-11-28T17:00:00Z' }, '2026-11-28T17:00:00.000Z'],
  ])('reads the date of %j', (members, expected) => {
    const at = dateIn(new Map(Object.entries(members)), READ_AT);
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(expected);
  });
});
