import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExecResult } from '../../src/lib/exec.ts';
import { JournalSource, type JournalOptions } from '../../src/sources/journal.ts';
import type { Clock } from '../../src/types.ts';
import { until } from '../support/e2e-until.ts';
import { Reader, recordingLog, temporaryFolder } from '../support/sources-reader.ts';

const CORPUS = readFileSync(new URL('../fixtures/corpus/basic.journald.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .slice(0, -1);
const FORGED = readFileSync(new URL('../fixtures/corpus/local-forgery.journald.jsonl', import.meta.url), 'utf8');
const FAKE = new URL('../support/sources-journalctl.mjs', import.meta.url).pathname;

/** What the journal's match lets through: entries with the user id of Postfix. */
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
  calls().filter((argv) => argv.includes('--follow')).length === count;

const unnamed = (answers: Record<string, string>): JournalSource =>
  new JournalSource(
    { type: 'journal', command: [process.execPath, FAKE, journal, state], from: 'start' },
    { log, clock: Date.now, exec: (argv) => answerOf(answers[argv.join(' ')]) },
  );

describe('the journal', () => {
  it('gives what comes from now on at the very first start, and a cursor at once', async () => {
    write(CORPUS.slice(0, 10));
    const reader = new Reader(source());
    await reader.begun();
    expect(reader.cursor).toMatch(/^s=111f2daef66a409594304a90ed0d51ee;i=/);
    write(CORPUS.slice(10, 20));
    await reader.line(10);
    expect(reader.lines).toHaveLength(10);
    expect(reader.lines[0]).toMatch(/^2026-11-25T00:03:16\.\d{6}\+00:00 mx\.example\.com postfix\/smtpd\[\d+\]: /);
  });

  it('begins with what comes first in a journal that has no entry of Postfix yet', async () => {
    const reader = new Reader(source({}, () => 1_795_564_996_999));
    await until('journalctl', following(1));
    expect(reader.cursor).toBe('@1795564996');
    expect(calls().at(-1)).toContain('--since=@1795564996');
    write(CORPUS.slice(0, 3));
    await reader.line(3);
  });

  it('asks for entries of the user of Postfix only, and for few fields', async () => {
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

  it('asks for entries of one machine only when that is named', async () => {
    const reader = new Reader(source({ machine: '3d1219c7c4c5404aaa1f6d2a48adfda4' }));
    await until('journalctl', following(1));
    expect(calls().every((argv) => argv.includes('_MACHINE_ID=3d1219c7c4c5404aaa1f6d2a48adfda4'))).toBe(true);
    await reader.stop();
  });

  it('gives everything that Postfix wrote, and nothing that was forged', async () => {
    write(CORPUS);
    appendFileSync(journal, FORGED);
    appendFileSync(journal, FORGED.replaceAll('"_UID":"65534"', '"_UID":"102"').replaceAll('"_COMM":"logger",', '"_COMM":"perl",'));
    const live = source({ from: 'start' });
    const reader = new Reader(live);
    await reader.line(OURS.length);
    write(CORPUS.slice(0, 1));
    // Two of the forged entries have no _COMM: with the right user id nothing speaks against them.
    await reader.line(OURS.length + 3);
    expect(reader.lines).toHaveLength(OURS.length + 3);
    expect(live.stats()).toMatchObject({ state: 'following', lines: OURS.length + 3 });
  });

  it('is resumed after a cursor', async () => {
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

  it('gives everything that is left when the entry of its cursor has been vacuumed', async () => {
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

  it('goes on where it was when journalctl ends', async () => {
    writeFileSync(state, JSON.stringify({ calls: [], dieAfter: 4 }));
    write(CORPUS.slice(0, 10));
    const reader = new Reader(source({ from: 'start' }));
    await reader.line(10);
    expect(new Set(reader.lines).size).toBe(10);
    expect(reader.lines).toHaveLength(10);
    expect(log.texts[0]).toMatch(/^warn: journal: .* ended \(code 1\) killed by the test; started again$/);
    expect(log.texts).toHaveLength(1);
  });

  it('is polled, and says so, when journalctl cannot follow it', async () => {
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

  it.each([
    [
      'at the time that is in it',
      's=xyz;i=1;t=6610e8dc67f47',
      /^notice: journal: the stored cursor is not known any more: begins at the time/,
      OURS.length,
    ],
    [
      'from now when there is none in it',
      'nonsense',
      /^notice: journal: the stored cursor .*: begins from now, lines may be lost$/,
      0,
    ],
  ])('that does not know the cursor any more begins %s', async (_, cursor, notice, old) => {
    write(CORPUS);
    const reader = new Reader(source(), cursor);
    await until('the second journalctl', following(2));
    expect(log.texts).toEqual([expect.stringMatching(notice)]);
    await reader.line(old);
    write(CORPUS.slice(0, 1));
    await reader.line(old + 1);
    expect(reader.lines).toHaveLength(old + 1);
  });

  it('says so when there is no journalctl, and tries again', async () => {
    const reader = new Reader(source({ command: ['/nonexistent/journalctl'] }));
    await until('the warning', () => log.texts.length > 0);
    expect(log.texts[0]).toMatch(/^warn: journal: \/nonexistent\/journalctl cannot be started: .*ENOENT; started again$/);
    await reader.stop();
    expect(reader.failure).toBeUndefined();
  });

  it('asks Postfix for its user, and the system for the user id', async () => {
    const reader = new Reader(unnamed({ 'postconf -h mail_owner': 'mailer\n', 'id -u mailer': '89\n' }));
    await until('journalctl', following(1));
    expect(calls().at(-1)).toContain('_UID=89');
    await reader.stop();
  });

  it.each<[string, Record<string, string>]>([
    ['there is no Postfix', {}],
    ['there is no such user', { 'postconf -h mail_owner': 'mailer\n', 'id -u mailer': '' }],
  ])('is refused when %s', async (_, answers) => {
    const reader = new Reader(unnamed(answers));
    await until('the refusal', () => reader.failure !== undefined);
    expect(reader.failure).toMatchObject({
      name: 'SourceError',
      message: 'journal: the user id of Postfix is not known (postconf -h mail_owner), name it: postfix_uid',
    });
  });
});

function answerOf(stdout: string | undefined): Promise<ExecResult> {
  if (stdout === undefined) return Promise.reject(new Error('ENOENT'));
  return Promise.resolve({ code: 0, signal: null, timedOut: false, stdout, stderr: '', cut: false });
}
