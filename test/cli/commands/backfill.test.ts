import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchPlace, trapline, type Ran } from '../../support/cli/command-line.ts';

const place = scratchPlace();
afterAll(() => place.remove());

writeFileSync(place.at('trapline.yaml'), `actions: [print]\ncontrol: {socket: ${place.at('none.sock')}}\n`);

const line = (client: string, at: string, rest = ''): string =>
  `${at} mx postfix/smtpd[1]: NOQUEUE: discard: RCPT from unknown[${client}]: <trap@example.com>: Recipient address triggers spamtrap; from=<a@example.org> to=<trap@example.com> proto=ESMTP helo=<c>${rest}\n`;

/** Writes a log and runs a backfill on it with a new ledger. */
async function backfill(
  name: string,
  text: string | Buffer,
  ...flags: string[]
): Promise<Ran & { summary: Record<string, unknown> }> {
  writeFileSync(place.at(name), text);
  const ran = await trapline([
    'backfill',
    place.at(name),
    '--json',
    '--config',
    place.at('trapline.yaml'),
    '--state',
    place.at(`${name}.db`),
    ...flags,
  ]);
  const json = ran.out.split('\n').findLast((row) => row.startsWith('{')) ?? '{}';
  return { ...ran, summary: JSON.parse(json) as Record<string, unknown> };
}

const ago = (millis: number): string => new Date(Date.now() - millis).toISOString();
const MINUTE = 60_000;

describe('trapline backfill', () => {
  it('sets the bans that would still be in force, for their remaining time', async () => {
    const { summary } = await backfill('two', line('203.0.113.1', ago(90 * MINUTE)) + line('203.0.113.2', ago(10 * MINUTE)));
    expect(summary).toMatchObject({ files: 1, hits: 2, bans: 2, dryRun: false });
    expect(summary['set']).toEqual([expect.objectContaining({ network: '203.0.113.2' })]);
  });

  it('leaves out hits before --since, and hits at or after --until', async () => {
    const times = [30, 20, 10].map((minutes) => new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * MINUTE).toISOString());
    const log = times.map((at, index) => line(`203.0.113.${index + 1}`, at)).join('');
    const [, second = '', third = ''] = times;
    const { summary } = await backfill('between', log, '--since', second, '--until', third);
    expect((summary['set'] as { network: string }[]).map(({ network }) => network)).toEqual(['203.0.113.2']);
  });

  it('counts ban times from now with --from-now', async () => {
    const { summary } = await backfill('from-now', line('203.0.113.1', ago(10_000 * MINUTE)), '--from-now');
    expect(summary['set']).toEqual([expect.objectContaining({ network: '203.0.113.1' })]);
  });

  it('sets no ban and records nothing with --dry-run', async () => {
    const { out, summary } = await backfill('dry', line('203.0.113.1', ago(10 * MINUTE)), '--dry-run');
    expect(summary).toMatchObject({ hits: 1, bans: 1, dryRun: true });
    expect(out).not.toContain('would ban');
    expect(existsSync(place.at('dry.db'))).toBe(false);
  });

  it('uses the hits before the damage of a file, then fails with its place', async () => {
    const noise = Array.from({ length: 20_000 }, (_, number) => `noise ${Math.sin(number)}\n`).join('');
    const packed = gzipSync(line('203.0.113.1', ago(10 * MINUTE)) + noise);
    const { code, err, summary } = await backfill('cut.gz', packed.subarray(0, packed.length - 1000));
    expect(summary['set']).toEqual([expect.objectContaining({ network: '203.0.113.1' })]);
    expect(err).toMatch(/^trapline: \S+cut\.gz: the gzip file ends in the middle, .* its first \d+ unpacked bytes were used\n$/);
    expect(code).toBe(65);
  });

  it('counts a message that is in two files once', async () => {
    const text = line('203.0.113.1', ago(10 * MINUTE));
    writeFileSync(place.at('copy'), text);
    const { summary } = await backfill('original', text, place.at('copy'));
    expect(summary).toMatchObject({ files: 2, hits: 1, bans: 1 });
  });

  it.each([
    ['keeps a date that is an hour ahead', 'hour', ago(-60 * MINUTE), 60 * MINUTE],
    ['counts a date that is half a year ahead as the present time', 'half-year', ago(-180 * 1440 * MINUTE), 0],
    ['counts a date of the year 2036 as the present time', 'future', '2036-05-01T00:00:00Z', 0],
    ['counts a date of the year 9999 as the present time', '9999', '9999-12-31T23:59:59Z', 0],
  ])('%s', async (_, name, date, ahead) => {
    for (const flags of [[], ['--from-now']]) {
      const { summary } = await backfill(`${name}${flags.length}`, line('203.0.113.1', date), ...flags);
      const [row] = summary['set'] as { since: string; until: string }[];
      expect(Date.parse(row?.until ?? '') - Date.parse(row?.since ?? '')).toBe(60 * MINUTE);
      const since = Date.parse(row?.since ?? '') - Date.now() - (flags.length > 0 ? 0 : ahead);
      expect(Math.abs(since)).toBeLessThan(10 * MINUTE);
    }
  });
});

/** The line of a client that hit a trap some seconds ago. */
const at = (client: string, seconds: number): string => line(client, ago(seconds * 1000));

describe('a backfill of several files', () => {
  const MAXRETRY = `state: ${place.at('two.db')}\nactions: [print]\ncontrol: {socket: ${place.at('none.sock')}}\ndefaults: {maxretry: 2, findtime: 5m}\n`;

  it('N026: gives overlapping logs of two servers the verdicts of one merged log', async () => {
    writeFileSync(place.at('two.yaml'), MAXRETRY);
    const [A, B] = ['203.0.113.1', '203.0.113.2'];
    const one = at(A, 600) + at(B, 100) + at(A, 100);
    const two = at(A, 590);
    writeFileSync(place.at('mx2.log'), two);
    const flags = ['--dry-run', '--config', place.at('two.yaml')];
    for (const [name, words] of [
      ['mx1.log', [place.at('mx2.log')]],
      ['sorted.log', []],
    ] as const) {
      writeFileSync(place.at(name), name === 'mx1.log' ? one : at(A, 600) + two + at(B, 100) + at(A, 100));
      const { out } = await trapline(['backfill', place.at(name), ...words, '--json', ...flags]);
      expect(JSON.parse(out)).toMatchObject({ bans: 1, set: [{ network: A }] });
    }
  });

  const good = line('203.0.113.1', ago(10 * MINUTE));
  const packed = gzipSync(line('203.0.113.9', ago(10 * MINUTE)));
  const garbage = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.from('garbagegarbage')]);
  const noise = Array.from({ length: 20_000 }, (_, number) => `noise ${Math.sin(number)}\n`).join('');
  const whole = gzipSync(line('203.0.113.9', ago(10 * MINUTE)) + noise);

  it.each([
    [
      'at its very start',
      garbage,
      /: the gzip file is damaged within its first 18 bytes, test it with gzip -t; nothing of it was used\n$/,
      2,
    ],
    [
      'after 60 bytes',
      packed.subarray(0, 60),
      /: the gzip file ends in the middle, after 60 bytes, fetch the whole file; .* used\n$/,
      2,
    ],
    ['in its middle', whole.subarray(0, whole.length - 1000), /; its first \d+ unpacked bytes were used\n$/, 3],
  ])(
    'N023: uses the other files, and the lines before the damage, when one file is damaged %s',
    async (where, bytes, message, bans) => {
      const name = where.replaceAll(' ', '-');
      writeFileSync(place.at(`${name}.gz`), bytes);
      writeFileSync(place.at(`${name}.3`), line('203.0.113.3', ago(20 * MINUTE)));
      const { code, err, summary } = await backfill(name, good, place.at(`${name}.gz`), place.at(`${name}.3`));
      expect(code).toBe(65);
      expect(err).toMatch(message);
      expect(err.split('\n')).toHaveLength(2);
      expect(summary).toMatchObject({
        files: 3,
        bans,
        set: expect.arrayContaining([expect.objectContaining({ network: '203.0.113.3' })]) as unknown,
      });
    },
  );

  it('names each damaged file', async () => {
    for (const name of ['bad1.gz', 'bad2.gz']) writeFileSync(place.at(name), garbage);
    const { code, err, summary } = await backfill('beside-two', good, place.at('bad1.gz'), place.at('bad2.gz'));
    expect([code, summary['bans']]).toEqual([65, 1]);
    expect(err.match(/bad[12]\.gz: the gzip file is damaged/g)).toHaveLength(2);
  });
});

const words = (...more: string[]): string[] => [
  'backfill',
  ...more,
  '--config',
  place.at('trapline.yaml'),
  '--state',
  place.at('else.db'),
];

describe('a backfill of a file that is no log', () => {
  it('N024: refuses a tar archive, packed or not, also among other files, and reads nothing', async () => {
    const log = place.at('mail.log');
    writeFileSync(log, line('203.0.113.1', ago(10 * MINUTE)));
    for (const [name, flags] of [
      ['t.tar', '-cf'],
      ['t.tgz', '-czf'],
      ['v7.tar', '--format=v7 -cf'],
    ] as const) {
      execFileSync('tar', [...flags.split(' '), place.at(name), '-C', place.folder, 'mail.log']);
      const err = `trapline: ${place.at(name)}: is tar, which is not read; unpack it first: tar -xOf ${place.at(name)} | trapline backfill -\n`;
      expect(await trapline(words(place.at(name)))).toEqual({ code: 65, out: '', err });
      expect(await trapline(words(log, place.at(name)))).toEqual({ code: 65, out: '', err });
    }
    expect(existsSync(place.at('else.db'))).toBe(false);
  });

  it('C6: reports that no line of the files is of Postfix', async () => {
    writeFileSync(place.at('binary'), randomBytes(2000));
    const { code, out } = await trapline(words('--dry-run', place.at('binary')));
    expect([code, out]).toEqual([0, '1 file, 2 kB: no trap hits, nothing to ban; no line of Postfix in it, is it a mail log?\n']);
    writeFileSync(place.at('quiet'), 'Nov 25 00:03:16 mx postfix/smtpd[1]: connect from x[203.0.113.1]\n');
    expect((await trapline(words('--dry-run', place.at('quiet')))).out).toBe('1 file, 65 bytes: no trap hits, nothing to ban\n');
  });

  it('C6: reports that a span is empty, or that it contains no hit', async () => {
    writeFileSync(place.at('old'), line('203.0.113.1', ago(3 * 1440 * MINUTE)));
    expect(await trapline(words(place.at('old'), '--until', '7d', '--since', '1d'))).toEqual({
      code: 0,
      out: 'nothing was read: --since is not before --until, so no hit could count\n',
      err: '',
    });
    const { out } = await trapline(words('--dry-run', place.at('old'), '--since', '1d'));
    expect(out).toMatch(/^1 file, \d+ bytes: 1 trap hit, all outside of --since and --until, nothing to ban\n$/);
  });
});

/** Runs a backfill whose log is read from standard input, and that is interrupted after the first piece. */
const interrupted = (piece: string, ...flags: string[]): Promise<Ran> => {
  let stop: (() => void) | undefined;
  async function* pieces(): AsyncGenerator<Buffer> {
    yield Buffer.from(piece);
    stop?.();
    yield Buffer.from(line('203.0.113.200', ago(MINUTE)));
  }
  // Readable.from would read ahead.
  const stdin = { [Symbol.asyncIterator]: pieces, destroy() {} } as unknown as Readable;
  const onInterrupt = (listener: () => void) => {
    stop = listener;
    return () => {};
  };
  const places = ['--config', place.at('trapline.yaml'), '--state', place.at(`${flags.length}stop.db`)];
  return trapline(['backfill', '-', ...places, ...flags], '', { stdin, onInterrupt });
};

describe('a backfill that is interrupted', () => {
  it('reports how far it came, and that nothing was set', async () => {
    const { code, out, err } = await interrupted(line('203.0.113.1', ago(MINUTE)));
    expect([code, out]).toEqual([130, '']);
    expect(err).toMatch(/^trapline: interrupted after \d+ bytes, nothing was set\n$/);
    expect(existsSync(place.at('0stop.db'))).toBe(false);
    expect((await interrupted('', '--dry-run')).err).toMatch(/^trapline: interrupted after \d+ bytes, nothing was set\n$/);
  });

  it('reports the bans that were set before', async () => {
    const many = Array.from({ length: 2100 }, (_, number) => line(`198.18.${number >> 8}.${number & 255}`, ago(MINUTE))).join('');
    const { code, err } = await interrupted(many, '--from-now', '--json');
    expect(code).toBe(130);
    expect(err).toMatch(/^trapline: interrupted after \d+ kB: 2\d{3} hits, 2\d{3} bans: 2\d{3} set; run it again for the rest\n$/);
  });
});

it('C3: a backfill, a test and a ban that read a terminal announce that they wait', async () => {
  const places = ['--config', place.at('trapline.yaml'), '--state', place.at('typed.db')];
  for (const [command, what] of [
    ['backfill', 'log lines'],
    ['test', 'log lines'],
    ['ban', 'networks, one per line,'],
  ] as const) {
    const { err } = await trapline([command, '-', ...places], '203.0.113.1\n', { typed: true });
    expect(err).toBe(`trapline: waiting for ${what} on standard input, end them with Ctrl-D\n`);
    expect((await trapline([command, '-', ...places], '203.0.113.1\n')).err).toBe('');
  }
});

/** Dates that cannot be read. */
const UNREADABLE = [
  'Nov 31 10:00:00',
  'Feb 30 10:00:00',
  'Nov 28 24:00:00',
  '2026-02-30T10:00:00+00:00',
  '0000-11-28T10:00:00Z',
  'Xyz 28 10:00:00',
  'lis 28 10:00:00',
  '<22>1 - mx postfix/smtpd 1 - - ',
];

describe('trapline backfill of a line whose date cannot be read', () => {
  it.each(UNREADABLE)('N011: bans nobody, counts the hit and shows it: %s', async (date) => {
    const log = line('203.0.113.1', date).replace(/(- - ) mx postfix.smtpd.1.: /, '$1') + line('203.0.113.2', ago(10 * MINUTE));
    for (const flags of [['--dry-run'], ['--from-now'], ['--since', '1d'], []]) {
      const { summary } = await backfill(`unreadable${flags[0] ?? ''}`, log, ...flags);
      expect(summary).toMatchObject({ hits: 1, undated: 1, bans: 1 });
      expect(summary['set']).toEqual([expect.objectContaining({ network: '203.0.113.2' })]);
      rmSync(place.at(`unreadable${flags[0] ?? ''}.db`), { force: true });
    }
  });

  it('N011: reads months in other languages, whose bans are over', async () => {
    const months = ['Mai', 'mei', 'okt', 'Okt', 'ene', 'déc.', 'янв'];
    const log = months.map((month, index) => line(`203.0.113.${index + 1}`, `${month} 02 10:00:00`)).join('');
    const { summary } = await backfill('languages', log);
    expect(summary).toMatchObject({ hits: months.length, undated: 0, bans: months.length });
  });
});

const first = (text: string): string => text.trimEnd();

describe('a backfill shows near misses', () => {
  const unknown = `weird ~~ ${line('203.0.113.1', 'Nov 25 00:03:16')}`;
  const table = line('203.0.113.1', 'Nov 25 00:03:16').replace('address triggers spamtrap', 'address spamtrap');

  it('N018: says that no rule took lines with the words of a trap, how many, which is the first, and why', async () => {
    writeFileSync(place.at('near'), `${unknown}${table}none\n${unknown.replace('203.0.113.1', '203.0.113.2')}`);
    const { code, out, err } = await trapline(words('--dry-run', place.at('near')));
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')).toEqual([
      `2 near misses: the log prefix before the message is unknown; the first line: ${first(unknown)}`,
      `1 near miss: the table has "spamtrap", the filter looks for "triggers spamtrap"; the first line: ${first(table)}`,
      '1 file, 638 bytes: no trap hits, 3 near misses (see above), nothing to ban',
      '',
    ]);
  });

  it('in JSON, and beside hits', async () => {
    const hit = line('203.0.113.9', ago(MINUTE));
    const { summary } = await backfill('near-json', unknown + hit);
    expect(summary['nearMisses']).toEqual([
      { kind: 'prefix', reason: 'the log prefix before the message is unknown', count: 1, line: first(unknown) },
    ]);
    expect((await backfill('near-none', hit)).summary['nearMisses']).toEqual([]);
    writeFileSync(place.at('near-hit'), unknown + hit);
    expect((await trapline(words('--dry-run', place.at('near-hit')))).out).toMatch(
      /\n1 hit in 1 file, 1 ban: 1 would be set now, 1 near miss \(see above\)\n$/,
    );
  });
});
