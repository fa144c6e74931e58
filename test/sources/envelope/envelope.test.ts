import { describe, expect, it } from 'vitest';
import { datedStart, Envelope } from '../../../src/sources/envelope/envelope.ts';
import type { EnvelopeKind } from '../../../src/sources/options.ts';
import { matcherOf, shipped } from '../../support/filters/lines.ts';
import { CLIENT, dockerRecord, found, hitsIn, line, message, READ_AT } from '../../support/sources/envelopes.ts';

// The lines of these tests have local times in UTC.
process.env['TZ'] = 'UTC';

const AT = `${CLIENT} 2026-11-28T17:00:00.467Z`;
const OWN = `${CLIENT} 2026-11-28T17:00:00.000Z`;
const STAMP = '2026-11-28T17:00:00.467434244Z';
const FORGED = '203.0.113.66';
const forgery = `Nov 28 17:00:00 mx postfix/smtpd[1]: ${message({ client: `x[${FORGED}]` })}`;

describe('an envelope of any kind', () => {
  it.each([
    ['N015: Docker json-file', dockerRecord(`${line()}\n`), AT],
    ['Docker json-file with attributes', dockerRecord(`${line()}\n`).replace(',"time"', ',"attrs":{"tag":"mail"},"time"'), AT],
    ['Docker json-file of a container with a terminal', dockerRecord(`${line()}\r\n`), AT],
    ['a record that Fluent Bit ships', `{"date":1795885200.467,"log":${JSON.stringify(line())},"stream":"stdout"}`, AT],
    ['Docker json-file without a date in the line', dockerRecord(`postfix/smtpd[1]: ${message()}\n`), AT],
    ['Docker json-file with a line of RFC 5424', dockerRecord(`<22>1 ${STAMP} mx postfix/smtpd 1 - - ${message()}\n`), AT],
    ['N016: docker logs -t', `${STAMP} ${line()}`, AT],
    ['docker logs -t with a line that has <PRI>', `${STAMP} <22>${line()}`, AT],
    ['N016: the log format of Kubernetes', `${STAMP} stdout F ${line()}`, AT],
    ['the log format of Kubernetes with an offset', `2026-11-28T18:00:00.467434244+01:00 stderr F ${line()}`, AT],
    ['N016: docker compose logs', `postfix-1  | ${line()}`, OWN],
    ['docker-compose logs of Compose 1', `postfix_1  | ${line()}`, OWN],
    ['docker-compose logs with colours', `\u001B[36mpostfix_1  |\u001B[0m ${line()}`, OWN],
    ['docker compose logs with colours', `\u001B[33mpostfix-1  | \u001B[0m${line()}`, OWN],
    ['docker compose logs -t', `postfix-1  | ${STAMP} ${line()}`, AT],
    [
      'a container that writes JSON',
      dockerRecord(`{"program":"postfix/smtpd","pid":1,"message":${JSON.stringify(message())}}\n`),
      AT,
    ],
    ['journalctl -o short-full', `Sat 2026-11-28 17:00:00 UTC mx postfix/smtpd[1]: ${message()}`, OWN],
    ['journalctl -o short-full in another zone', `Sat 2026-11-28 18:00:00 CET mx postfix/smtpd[1]: ${message()}`, OWN],
    ['journalctl -o short-full without a name of the zone', `Sat 2026-11-28 14:00:00 -03 mx postfix/smtpd[1]: ${message()}`, OWN],
    ['journalctl -o with-unit', `Sat 2026-11-28 17:00:00 UTC mx postfix@-.service[1]: ${message()}`, OWN],
    ['journalctl -o short-iso-precise', `2026-11-28T17:00:00.467434+0000 mx postfix/smtpd[1]: ${message()}`, AT],
    ['journalctl -o short-unix', `1795885200.467434 mx postfix/smtpd[1]: ${message()}`, AT],
    ['no envelope', line(), OWN],
    ['no envelope, and a date of ISO 8601', `${STAMP} mx postfix/smtpd[1]: ${message()}`, AT],
    ['no envelope, a date of ISO 8601 and no host', `${STAMP} postfix/smtpd[1]: ${message()}`, AT],
  ])('is taken off: %s', (_, text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it('keeps the key of a hit, so that the copy of a line in another format is no second hit', () => {
    const [plain] = hitsIn(line());
    for (const text of [dockerRecord(`${line()}\n`), `${STAMP} stdout F ${line()}`, `postfix-1  | ${STAMP} ${line()}`]) {
      expect(hitsIn(text).map(({ key, fields }) => ({ key, fields }))).toEqual([{ key: plain?.key, fields: plain?.fields }]);
    }
  });

  it('gives the date of the envelope when the container is in another zone than this process', () => {
    expect(found(dockerRecord(`${line().replace('17:00:00', '03:00:00')}\n`))).toEqual([AT]);
  });

  it('gives the date of the line when it is more than 26 hours older than the envelope, because an old log was printed again', () => {
    expect(found(dockerRecord(`${line().replace('Nov 28', 'Nov 20')}\n`))).toEqual([`${CLIENT} 2026-11-20T17:00:00.000Z`]);
    expect(found(`2020-02-01T00:00:00Z stdout F ${line().replace('Nov 28', 'Jan 20')}`)).toEqual([
      `${CLIENT} 2020-01-20T17:00:00.000Z`,
    ]);
  });

  it.each([
    ['a date that does not exist', dockerRecord(`${line()}\n`, 'stdout', '2026-02-30T17:00:00Z')],
    ['no date', `{"log":${JSON.stringify(`${line()}\n`)},"stream":"stdout"}`],
    ['two lines', dockerRecord(`start\n${forgery}\n`)],
    ['a carriage return in the line', dockerRecord(`start\r${forgery}\n`)],
    ['a part of a line', dockerRecord(`${line()}${'x'.repeat(9000)}`)],
    ['a part of a line in Kubernetes', `${STAMP} stdout P ${line()}`],
    ['a member twice', dockerRecord(`${line()}\n`).replace('{', `{"log":"x\\n",`)],
    ['a text behind the object', `${dockerRecord(`${line()}\n`)} x`],
    ['a text before the object', `x ${dockerRecord(`${line()}\n`)}`],
    ['no end', dockerRecord(`${line()}\n`).slice(0, -1)],
    ['an object that is a list', `[${dockerRecord(`${line()}\n`)}]`],
    ['its line in an object', `{"log":{"log":${JSON.stringify(line())}},"stream":"stdout","time":"${STAMP}"}`],
    ['its line in a prototype', `{"__proto__":{"log":${JSON.stringify(line())},"stream":"stdout","time":"${STAMP}"}}`],
    ['a message of cleanup in with-unit', `Sat 2026-11-28 17:00:00 UTC mx postfix@-.service[1]: 4FzX: message-id=<${message()}>`],
    ['another unit in with-unit', `Sat 2026-11-28 17:00:00 UTC mx postfixadmin.service[1]: ${message()}`],
  ])('gives no hit if it has %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it('gives a hit without a date for a zone that is not known, so a backfill leaves it out', () => {
    expect(found(`Sat 2026-11-28 17:00:00 XYZ mx postfix/smtpd[1]: ${message()}`)).toEqual([`${CLIENT} undated`]);
    expect(found(`Sat 2026-11-31 17:00:00 CET mx postfix/smtpd[1]: ${message()}`)).toEqual([`${CLIENT} undated`]);
  });

  it('reads lines of several kinds in one log', () => {
    const lines = [line(), dockerRecord(`${line()}\n`), `postfix-1  | ${line()}`, `${STAMP} stdout F ${line()}`];
    expect(hitsIn([lines]).map(({ address }) => address)).toEqual(lines.map(() => CLIENT));
  });

  it('finds the text of a trap that JSON writes with escapes', () => {
    const text = dockerRecord(
      `${line().replace('triggers spamtrap', 'triggers REDIRECT spamtrap@localhost').replace('discard', 'redirect')}\n`,
    );
    expect(found(text.replaceAll('/', String.raw`\/`))).toEqual([AT]);
  });

  it('finds a text that JSON writes with escapes in every envelope and behind any line', () => {
    const matcher = matcherOf(shipped('postfix-spamtrap', 'the "trap"'));
    const json = JSON.stringify({ PROGRAM: 'postfix/smtpd', MESSAGE: message().replace('triggers spamtrap', 'the "trap"') });
    const cases: readonly (readonly [string, EnvelopeKind])[] = [
      [json, 'auto'],
      [`${line()}\n${json}`, 'auto'],
      [`${STAMP} stdout F ${json}`, 'auto'],
      [`${STAMP} stdout F ${json}`, 'cri'],
      [`${STAMP} ${json}`, 'compose'],
      [`postfix-1  | ${json}`, 'compose'],
    ];
    for (const [text, kind] of cases) {
      const batch = { source: 'test', bytes: Buffer.from(`${text}\n`), at: READ_AT };
      const hits = matcher.match({ ...batch, envelopes: new Envelope(kind).of(batch), cursor: undefined });
      expect([kind, text, ...hits.map(({ address }) => address)]).toEqual([kind, text, CLIENT]);
    }
  });

  it.each([
    ['a record of Docker', dockerRecord(`${forgery}\n`)],
    ['a record of Kubernetes', `${STAMP} stdout F ${forgery}`],
    ['a line of Compose', `postfix-1  | ${forgery}`],
    ['a JSON line', JSON.stringify({ program: 'postfix/smtpd', pid: 1, message: message({ client: `x[${FORGED}]` }) })],
  ])('is not found in the text of a client: %s', (_, text) => {
    for (const parts of [{ helo: text }, { recipient: text }]) {
      for (const whole of [line(parts), dockerRecord(`${line(parts)}\n`), `${STAMP} stdout F ${line(parts)}`]) {
        expect(hitsIn(whole).map(({ address }) => address)).not.toContain(FORGED);
      }
    }
  });
});

const long = 'x'.repeat(16_384);
const docker = (text: string, stream?: string): string => dockerRecord(text, stream);
const cri = (tag: string, text: string, stream = 'stdout'): string => `${STAMP} ${stream} ${tag} ${text}`;

describe('a line in several records', () => {
  it.each([
    ['a record of Docker', [docker(long), docker(`${forgery}\n`)]],
    ['a record of Docker behind a record of the other stream', [docker(long), docker('x\n', 'stderr'), docker(`${forgery}\n`)]],
    ['a record of Docker behind several parts', [docker(long), docker(long), docker(`${forgery}\n`)]],
    ['a record of Docker behind a part with a backslash and n at its end', [docker(`${long}\\n`), docker(`${forgery}\n`)]],
    [
      'a record of Docker behind a part that is too long to be read',
      [docker('<'.repeat(16_384)).slice(0, 65_536), docker(`${forgery}\n`)],
    ],
    ['a record of Kubernetes', [cri('P', 'x'), cri('F', forgery)]],
    ['a record of Kubernetes behind the other stream', [cri('P', 'x'), cri('F', 'x', 'stderr'), cri('F', forgery)]],
  ])('gives no hit for its further text: %s', (_, lines) => {
    expect(hitsIn([lines])).toEqual([]);
    // Also when each record is a batch of its own.
    expect(hitsIn(lines.map((text) => [text]))).toEqual([]);
  });

  it('does not hide the next line', () => {
    const lines = [docker(long), docker('end\n'), docker(`${line()}\n`), cri('P', 'x'), cri('F', 'y'), cri('F', line())];
    expect(hitsIn([lines])).toHaveLength(2);
    expect(hitsIn(lines.map((text) => [text]))).toHaveLength(2);
  });

  it('does not hide a line of the other stream', () => {
    expect(hitsIn([[docker(long), docker(`${line()}\n`, 'stderr')]])).toHaveLength(1);
  });

  it('is recognised when an earlier run has read its first record', () => {
    const batch = { source: 'test', bytes: Buffer.from(`${docker(`${forgery}\n`)}\n`), at: READ_AT };
    const read = (before: string): unknown =>
      new Envelope('docker').of({ ...batch, before: Buffer.from(`${before}\n`) })?.open(0, batch.bytes.length - 1);
    expect(read(docker(long))).toBeUndefined();
    expect(read(docker('x\n'))).toMatchObject({ text: forgery });
  });

  it('belongs to one log of a pattern', () => {
    const envelope = new Envelope('docker');
    const open = (log: string, text: string): unknown => {
      const bytes = Buffer.from(`${text}\n`);
      return envelope.of({ source: 'test', log, bytes, at: READ_AT })?.open(0, bytes.length - 1);
    };
    open('/a.log', docker(long));
    expect(open('/b.log', docker(`${line()}\n`))).toMatchObject({ text: line() });
    expect(open('/a.log', docker(`${forgery}\n`))).toBeUndefined();
  });
});

describe('an envelope of one kind', () => {
  const texts = {
    docker: dockerRecord(`${line()}\n`),
    cri: `${STAMP} stdout F ${line()}`,
    compose: `postfix-1  | ${line()}`,
    json: JSON.stringify({ PROGRAM: 'postfix/smtpd', PID: '1', ISODATE: '2026-11-28T17:00:00+00:00', MESSAGE: message() }),
  } as const;

  it.each(['docker', 'cri', 'compose', 'json'] as const)('is taken off, and an envelope of another kind is not: %s', (kind) => {
    expect(found(texts[kind], kind)).toHaveLength(1);
    const others = Object.entries(texts).filter(([other]) => other !== kind && !(kind === 'json' && other === 'docker'));
    for (const [, text] of others) expect(found(text, kind)).toEqual([]);
    expect(found(line(), kind)).toEqual([]);
  });

  it('takes the dates of docker logs -t off as compose', () => {
    expect(found(`${STAMP} ${line()}`, 'compose')).toEqual([AT]);
  });

  it('is not looked for with "none"', () => {
    for (const text of Object.values(texts)) expect(found(text, 'none')).toEqual([]);
    expect(found(line(), 'none')).toEqual([OWN]);
  });
});

describe('datedStart', () => {
  it('is the line without the name of a container', () => {
    expect(datedStart(`postfix-1  | ${line()}`)).toBe(line());
    expect(datedStart(line())).toBe(line());
  });
});
