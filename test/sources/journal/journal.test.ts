import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExecResult } from '../../../src/lib/children/exec.ts';
import { JournalSource } from '../../../src/sources/journal/journal.ts';
import type { JournalOptions } from '../../../src/sources/options.ts';
import type { Clock } from '../../../src/words/ports.ts';
import { until } from '../../support/until.ts';
import { Reader, recordingLog, temporaryFolder } from '../../support/sources/reader.ts';

const CORPUS = readFileSync(new URL('../../fixtures/corpus/basic.journald.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .slice(0, -1);
const FORGED = readFileSync(new URL('../../fixtures/corpus/local-forgery.journald.jsonl', import.meta.url), 'utf8');
const FAKE = join(import.meta.dirname, '..', '..', 'support', 'sources', 'journalctl.mjs');

/** A moment after all entries of the corpus. */
const AFTER = 1_795_651_200_000;

/** The entries with the user id of Postfix. Only these entries match the request of the source. */
const OURS = CORPUS.filter((line) => line.includes('"_UID":"102"'));

let journal: string;
let state: string;
let log: ReturnType<typeof recordingLog>;

beforeEach(() => {
  const folder = temporaryFolder();
  journal = join(folder, 'journal');
  state = join(folder, 'state');
  log = recordingLog();
  writeFileSync(journal, '');
  writeFileSync(state, JSON.stringify({ calls: [] }));
});

const write = (lines: readonly string[]): void => appendFileSync(journal, lines.map((line) => `${line}\n`).join(''));
const calls = (): string[][] => (JSON.parse(readFileSync(state, 'utf8')) as { calls: string[][] }).calls;
const source = (options: Partial<JournalOptions> = {}, clock: Clock = Date.now): JournalSource =>
  new JournalSource(
    { type: 'journal', postfixUid: 102, command: [process.execPath, FAKE, journal, state], ...options },
    { log, clock, pause: 20 },
  );
const following = (count: number) => async (): Promise<boolean> =>
  calls().filter((argv) => argv.includes('--follow')).length >= count;

const unnamed = (answers: Record<string, string>): JournalSource =>
  new JournalSource(
    { type: 'journal', command: [process.execPath, FAKE, journal, state], from: 'start' },
    { log, clock: Date.now, exec: (argv) => answerOf(answers[argv.join(' ')]) },
  );

describe('the journal', () => {
  it('returns only new entries at the first start, and a cursor at once', async () => {
    write(CORPUS.slice(0, 10));
    const reader = new Reader(source());
    await reader.begun();
    expect(reader.cursor).toMatch(/^s=111f2daef66a409594304a90ed0d51ee;i=/);
    write(CORPUS.slice(10, 20));
    await reader.line(10);
    expect(reader.lines).toHaveLength(10);
    expect(reader.lines[0]).toMatch(/^2026-11-25T00:03:16\.\d{6}\+00:00 mx\.example\.com postfix\/smtpd\[\d+\]: /);
  });

  it('begins at the present time when the journal has no entry of Postfix yet', async () => {
    const reader = new Reader(source({}, () => 1_795_564_996_999));
    await until('journalctl', following(1));
    expect(reader.cursor).toBe('@1795564996');
    expect(calls().at(-1)).toContain('--since=@1795564996');
    write(CORPUS.slice(0, 3));
    await reader.line(3);
  });

  it('requests only entries of the Postfix user, and only the fields that it needs', async () => {
    const reader = new Reader(source({ from: 'start' }));
    await until('journalctl', following(1));
    expect(calls()).toEqual([
      [
        '--quiet',
        '--no-pager',
        '--output=json',
        '--output-fields=MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_UID,_COMM,_EXE,_HOSTNAME,_SOURCE_REALTIME_TIMESTAMP,_SYSTEMD_UNIT',
        '--follow',
        '--merge',
        '--no-tail',
        '_UID=102',
      ],
    ]);
    await reader.stop();
  });

  it('requests only entries of the configured machine', async () => {
    const reader = new Reader(source({ machine: '3d1219c7c4c5404aaa1f6d2a48adfda4' }));
    await until('journalctl', following(1));
    expect(calls().every((argv) => argv.includes('_MACHINE_ID=3d1219c7c4c5404aaa1f6d2a48adfda4'))).toBe(true);
    await reader.stop();
  });

  it('returns all entries of Postfix, and no entry with a wrong user id or program name', async () => {
    write(CORPUS);
    appendFileSync(journal, FORGED);
    appendFileSync(journal, FORGED.replaceAll('"_UID":"65534"', '"_UID":"102"').replaceAll('"_COMM":"logger",', '"_COMM":"perl",'));
    const live = source({ from: 'start' });
    const reader = new Reader(live);
    await reader.line(OURS.length);
    write(CORPUS.slice(0, 1));
    // Two of the forged entries have no _COMM. With the user id of Postfix, these two count as entries of Postfix.
    await reader.line(OURS.length + 3);
    expect(reader.lines).toHaveLength(OURS.length + 3);
    expect(live.stats()).toMatchObject({ state: 'following', lines: OURS.length + 3 });
  });

  it('continues after the entry of its cursor', async () => {
    write(CORPUS.slice(0, 5));
    const reader = new Reader(source({ from: 'start' }));
    await reader.line(5);
    await reader.stop();
    write(CORPUS.slice(5, 8));
    const next = new Reader(source(), reader.cursor);
    await next.line(3);
    expect(calls().at(-1)).toContain(`--cursor=${reader.cursor}`);
    expect(next.lines).toHaveLength(3);
  });

  it('returns all remaining entries when the entry of its cursor was vacuumed', async () => {
    write(CORPUS.slice(0, 5));
    const reader = new Reader(source({ from: 'start' }));
    await reader.line(5);
    await reader.stop();
    writeFileSync(journal, '');
    write(CORPUS.slice(5, 8));
    const next = new Reader(source(), reader.cursor);
    await next.line(3);
    expect(next.lines).toHaveLength(3);
  });

  it('continues at its cursor when journalctl ends', async () => {
    writeFileSync(state, JSON.stringify({ calls: [], dieAfter: 4 }));
    write(CORPUS.slice(0, 10));
    const reader = new Reader(source({ from: 'start' }));
    await reader.line(10);
    expect(new Set(reader.lines).size).toBe(10);
    expect(reader.lines).toHaveLength(10);
    expect(log.texts[0]).toMatch(/^warn: journal: .* ended \(code 1\) killed by the test; started again$/);
    expect(log.texts).toHaveLength(1);
  });

  it('A3: reports in its state why journalctl ends', async () => {
    const live = source({
      from: 'start',
      command: ['sh', '-c', 'echo "No journal files were opened due to insufficient permissions." >&2; exit 1'],
    });
    const reader = new Reader(live);
    await until('the fault', () => live.stats().fault !== undefined);
    expect(live.stats()).toMatchObject({
      state: 'restarting journalctl',
      fault: 'journal: sh ended (code 1) No journal files were opened due to insufficient permissions.',
      blind: true,
    });
    await reader.stop();
  });

  it('is polled when journalctl cannot follow it, which is logged', async () => {
    writeFileSync(state, JSON.stringify({ calls: [], unfollowable: true }));
    const live = source({ from: 'start' });
    const reader = new Reader(live);
    write(CORPUS.slice(0, 3));
    await reader.line(3);
    write(CORPUS.slice(3, 5));
    await reader.line(5);
    expect(reader.lines).toHaveLength(5);
    await until('the state', () => live.stats().state === 'polling');
    expect(log.texts).toEqual([expect.stringMatching(/^warn: .* ended \(code 0\) Insufficient watch descriptors .*instead$/)]);
  });

  it.each<[string, string, RegExp, number]>([
    [
      'begins at the time in the cursor',
      's=xyz;i=1;t=6610e8dc67f47',
      /^notice: journal: journald does not know the stored cursor: reading begins at the time/,
      OURS.length,
    ],
    [
      'begins at the present time when the cursor has no time',
      's=xyz',
      /^notice: journal: journald does not know the stored cursor: reading begins now, lines may be lost$/,
      0,
    ],
    ...['nonsense', '--vacuum-size=1', '@18446744073709', 's=1\0', `s=${'x'.repeat(200_000)}`].map(
      (cursor): [string, string, RegExp, number] => [
        `begins now when it is none of journald: ${JSON.stringify(cursor).slice(0, 20)}`,
        cursor,
        /^notice: journal: journald does not know the stored cursor: reading begins now, lines may be lost$/,
        0,
      ],
    ),
  ])('%s, if the cursor is unknown', async (_, cursor, notice, old) => {
    write(CORPUS);
    const reader = new Reader(
      source({}, () => AFTER),
      cursor,
    );
    await until('the notice', () => log.texts.length > 0);
    await until(
      'journalctl',
      async () =>
        calls()
          .at(-1)
          ?.some((word) => word.startsWith('--since=')) ?? false,
    );
    expect(log.texts).toEqual([expect.stringMatching(notice)]);
    await reader.line(old);
    write(CORPUS.slice(0, 1));
    await reader.line(old + 1);
    expect(reader.lines).toHaveLength(old + 1);
  });

  it.each([
    ['a recorded time', '@1895564996', 0],
    ['the time in an unknown cursor', 's=xyz;i=1;t=fffffffffffff', 1],
  ])('begins now when %s is ahead of the clock, which was set back', async (_, cursor, notices) => {
    const reader = new Reader(
      source({}, () => AFTER),
      cursor,
    );
    await until(
      'journalctl',
      async () =>
        calls()
          .at(-1)
          ?.includes(`--since=@${AFTER / 1000}`) ?? false,
    );
    await reader.stop();
    expect(log.texts).toHaveLength(notices);
  });

  it('reads on at its cursor when journalctl fails with a complaint about a cursor that it knows', async () => {
    write(CORPUS.slice(0, 5));
    const reader = new Reader(source({ from: 'start' }));
    await reader.line(5);
    await reader.stop();
    const fails = `test -e ${state}.once || { touch ${state}.once; echo 'Failed to seek to cursor: Cannot allocate memory' >&2; exit 1; }`;
    const command = ['sh', '-c', `${fails}; exec "$0" "$@"`, process.execPath, FAKE, journal, state];
    const next = new Reader(source({ command }), reader.cursor);
    await until('the second journalctl', following(2));
    write(CORPUS.slice(5, 6));
    await next.line(1);
    expect(calls().at(-1)).toContain(`--cursor=${reader.cursor}`);
    expect(next.lines).toHaveLength(1);
  });

  it('reports entries that are too long in one line', async () => {
    const flood = 'for i in 1 2 3 4 5; do head -c 2000000 /dev/zero; echo; done; exec sleep 1000';
    const reader = new Reader(source({ from: 'start', command: ['sh', '-c', flood] }));
    await until('the notice', () => log.texts.length > 0);
    write(CORPUS.slice(0, 1));
    await reader.stop();
    expect(log.texts).toEqual(['notice: journal: an entry was too long to be read']);
  });

  it('logs that journalctl is missing, and tries again', async () => {
    const reader = new Reader(source({ command: ['/nonexistent/journalctl'] }));
    await until('the warning', () => log.texts.length > 0);
    expect(log.texts[0]).toMatch(/^warn: journal: \/nonexistent\/journalctl cannot be started: .*ENOENT; started again$/);
    await reader.stop();
    expect(reader.failure).toBeUndefined();
  });

  it('gets the name of the Postfix user from postconf, and the user id from id(1)', async () => {
    const reader = new Reader(unnamed({ 'postconf -h mail_owner': 'mailer\n', 'id -u mailer': '89\n' }));
    await until('journalctl', following(1));
    expect(calls().at(-1)).toContain('_UID=89');
    await reader.stop();
  });

  it.each<[string, Record<string, string>]>([
    ['there is no Postfix', {}],
    ['there is no such user', { 'postconf -h mail_owner': 'mailer\n', 'id -u mailer': '' }],
  ])('leads to an error when %s', async (_, answers) => {
    const reader = new Reader(unnamed(answers));
    await until('the refusal', () => reader.failure !== undefined);
    expect(reader.failure).toMatchObject({
      name: 'SourceError',
      message: 'journal: the user id of Postfix is not known (postconf -h mail_owner), set postfix_uid',
    });
  });
});

function answerOf(stdout: string | undefined): Promise<ExecResult> {
  if (stdout === undefined) return Promise.reject(new Error('ENOENT'));
  return Promise.resolve({ code: 0, signal: null, timedOut: false, stdout, stderr: '', cut: false });
}

const entryOf = (fields: Record<string, string>): string =>
  JSON.stringify({
    __CURSOR: `s=1;i=${fields['CONTAINER_NAME'] ?? 'x'}`,
    __REALTIME_TIMESTAMP: '1795885200467434',
    _HOSTNAME: 'host',
    _UID: '0',
    _COMM: 'dockerd',
    _EXE: '/usr/bin/dockerd',
    _SYSTEMD_UNIT: 'docker.service',
    MESSAGE: 'Nov 28 17:00:00 mx postfix/smtpd[1]: x',
    ...fields,
  });

describe('the journal with entries of containers', () => {
  it('has the lines of the containers that the option names, with the date of the entry', async () => {
    write([entryOf({ CONTAINER_NAME: 'mail' }), entryOf({ CONTAINER_NAME: 'web' }), ...OURS.slice(0, 1)]);
    const reader = new Reader(source({ from: 'start', containers: ['mail', 'relay'] }));
    await reader.line(2);
    expect(reader.lines[0]).toBe('2026-11-28T17:00:00.467434+00:00 stdout F Nov 28 17:00:00 mx postfix/smtpd[1]: x');
    expect(calls()[0]?.slice(-5)).toEqual(['_UID=102', '+', '_UID=0', 'CONTAINER_NAME=mail', 'CONTAINER_NAME=relay']);
  });

  it('marks its batches, so that the date of the entry counts', async () => {
    write([entryOf({ CONTAINER_NAME: 'mail' })]);
    const stop = new AbortController();
    for await (const { bytes, envelopes } of source({ from: 'start', containers: ['mail'] }).read(undefined, stop.signal)) {
      expect(envelopes?.open(0, bytes.length - 1)).toEqual({
        text: 'Nov 28 17:00:00 mx postfix/smtpd[1]: x',
        at: Date.parse('2026-11-28T17:00:00.467Z'),
      });
      stop.abort();
    }
  });

  it('is read on a machine without Postfix', async () => {
    write([entryOf({ CONTAINER_NAME: 'mail' })]);
    const reader = new Reader(
      new JournalSource(
        { type: 'journal', command: [process.execPath, FAKE, journal, state], from: 'start', containers: ['mail'] },
        { log, clock: Date.now, exec: () => answerOf(undefined) },
      ),
    );
    await reader.line(1);
    expect(reader.lines).toHaveLength(1);
  });
});
