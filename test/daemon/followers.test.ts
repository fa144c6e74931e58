import { afterEach, describe, expect, it } from 'vitest';
import { Followers } from '../../src/daemon/followers.ts';
import { SourceError } from '../../src/errors.ts';
import type { Batch, Hit, Source } from '../../src/words/walk.ts';
import { recordingLog } from '../support/daemon/desk.ts';
import { until } from '../support/until.ts';

const NOW = 1_764_000_000_000;

const batch = (source: string, text: string): Batch => ({ source, bytes: Buffer.from(text), at: NOW, cursor: text });

/** A source that gives one batch and then waits until it is stopped. `froms` has the cursor at which each reading started. */
function idleSource(name: string, settings?: string) {
  const froms: (string | undefined)[] = [];
  const source: Source = {
    name,
    ...(settings === undefined ? {} : { settings }),
    async *read(from, signal) {
      froms.push(from);
      yield batch(name, `${name} ${settings ?? ''}`);
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
      });
    },
  };
  return { source, froms };
}

const open: Followers[] = [];
afterEach(async () => {
  for (const followers of open.splice(0)) await followers.stop();
});

function followersWith(match: (batch: Batch) => readonly Hit[] = () => []) {
  const { log, lines } = recordingLog();
  const cursors = new Map<string, string>();
  const followers = new Followers({
    log,
    clock: () => NOW,
    cursor: (source) => cursors.get(source),
    doors: {
      match,
      full: () => false,
      court: {
        judge: (_hits, cursor) => {
          if (cursor) cursors.set(cursor.source, cursor.cursor);
          return { verdicts: [], bans: [], enforced: Promise.resolve() };
        },
      },
    },
  });
  open.push(followers);
  return { followers, lines, cursors };
}

// A cursor is a place in a log. The ledger keeps the cursor of each source.
describe('`Followers`, which read all sources', () => {
  it('N011: report once for each source that the date of a hit cannot be read, and use the hit', async () => {
    const hit = { undated: 'Nov 31 10:00:00 \u001b' } as Hit;
    const { followers, lines, cursors } = followersWith(() => [hit, hit]);
    await followers.follow([idleSource('one').source, idleSource('two').source]);
    await until('both sources have been read', () => cursors.size === 2);
    await followers.follow([idleSource('one', 'changed').source, idleSource('two').source]);
    await until('the changed source has been read', () => cursors.get('one') === 'one changed');
    const notices = lines.filter((line) => line.includes('cannot be read'));
    expect(notices).toHaveLength(2);
    expect(notices[0]).toContain('one: the date of a hit cannot be read');
    expect(notices[0]).toContain('"Nov 31 10:00:00 \\u{1b}"');
  });

  it('N010: report a program in another time zone once, and show it in the state of the source', async () => {
    const hit = { zone: { writer: 'mx postfix/smtpd', ahead: -7_200_000 } } as Hit;
    const { followers, lines } = followersWith(() => [hit]);
    const source: Source = {
      ...idleSource('one').source,
      stats: () => ({ state: 'following 1 file', lines: 5, bytes: 5 }),
      async *read(from, signal) {
        for (let count = 0; count < 5; count += 1) yield batch('one', String(count));
        yield* idleSource('one').source.read(from, signal);
      },
    };
    await followers.follow([source, idleSource('two').source]);
    await until('the zone is known', () => lines.length > 0);
    expect(followers.status()).toEqual([
      {
        name: 'one',
        state: 'following 1 file; dates in another time zone: "mx postfix/smtpd" by -02:00',
        lines: 5,
        bytes: 5,
        zones: [{ writer: 'mx postfix/smtpd', offset: '-02:00' }],
      },
      { name: 'two', state: 'reading', lines: 0, bytes: 0 },
    ]);
    await followers.stop();
    expect(lines).toEqual([expect.stringMatching(/^one: "mx postfix\/smtpd" dates its new lines 2h behind the clock, /)]);
  });

  it('let a source find its start from several cursors', async () => {
    const { followers, cursors } = followersWith();
    cursors.set('one', '1').set('two', '2');
    const { source, froms } = idleSource('file:/a');
    await followers.follow([{ ...source, resume: (cursor) => `${cursor('one')}${cursor('two')}` }]);
    await until('a start', () => froms.length > 0);
    expect(froms).toEqual(['12']);
  });

  it('start a new source, and stop a removed source', async () => {
    const { followers } = followersWith();
    await followers.follow([idleSource('file:/a').source, idleSource('file:/b').source]);
    expect(followers.status().map(({ name }) => name)).toEqual(['file:/a', 'file:/b']);
    await followers.follow([idleSource('file:/b').source]);
    expect(followers.status().map(({ name }) => name)).toEqual(['file:/b']);
  });

  it('keep a source with unchanged options running', async () => {
    const { followers } = followersWith();
    const first = idleSource('journal', '{"postfixUid":104}');
    const second = idleSource('journal', '{"postfixUid":104}');
    await followers.follow([first.source]);
    await followers.follow([second.source]);
    expect([first.froms.length, second.froms.length]).toEqual([1, 0]);
  });

  it('replace a source whose options have changed, and start the new source at the cursor of the old source', async () => {
    const { followers, cursors } = followersWith();
    const first = idleSource('journal', '{"postfixUid":104}');
    const second = idleSource('journal', '{"postfixUid":105}');
    await followers.follow([first.source]);
    await until('the first cursor is recorded', () => cursors.has('journal'));
    await followers.follow([second.source]);
    await until('the second source is read', () => second.froms.length === 1);
    expect(second.froms).toEqual(['journal {"postfixUid":104}']);
  });

  it('start the new source only after the old source has ended', async () => {
    const { followers } = followersWith();
    const order: string[] = [];
    const sourceWith = (options: string): Source => ({
      name: 'journal',
      settings: options,
      async *read(_from, signal) {
        order.push(`begin ${options}`);
        yield batch('journal', options);
        while (!signal.aborted) await new Promise(setImmediate);
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(`end ${options}`);
      },
    });
    await followers.follow([sourceWith('old')]);
    await until('the old source is read', () => order.length === 1);
    await followers.follow([sourceWith('new')]);
    await until('the new source is read', () => order.length === 3);
    expect(order).toEqual(['begin old', 'end old', 'begin new']);
  });

  it('start no source after they have been stopped', async () => {
    const { followers } = followersWith();
    await followers.stop();
    const late = idleSource('file:/late');
    await followers.follow([late.source]);
    expect(late.froms).toEqual([]);
    expect(followers.status()).toEqual([]);
  });

  it('log the error of a failing source, and read the other sources', async () => {
    const { followers, lines } = followersWith();
    const failing: Source = {
      name: 'file:/gone',
      // oxlint-disable-next-line require-yield -- it fails before its first batch.
      async *read() {
        throw new SourceError('/gone: cannot be read');
      },
    };
    const idle = idleSource('file:/a');
    await followers.follow([failing, idle.source]);
    await until('both sources were read', () => lines.length === 1 && idle.froms.length === 1);
    expect(lines).toEqual(['/gone: cannot be read; next try in 10 s']);
  });

  it('A3: report the error of a failing source in its state', async () => {
    const { followers, lines } = followersWith();
    const fault = '/var/log/mail.log: permission denied, read it as root or as a member of its group (adm on Debian)';
    const failing: Source = {
      name: 'file:/var/log/mail.log',
      // oxlint-disable-next-line require-yield -- it fails before its first batch.
      async *read() {
        throw new SourceError(fault);
      },
      stats: () => ({ state: 'waiting for the file', lines: 7, bytes: 8 }),
    };
    await followers.follow([failing, idleSource('file:/a').source]);
    await until('the source has failed', () => lines.length === 1);
    expect(followers.status()).toEqual([
      { name: failing.name, state: 'permission denied, next try in 10 s', lines: 7, bytes: 8, fault, blind: true },
      { name: 'file:/a', state: 'reading', lines: 0, bytes: 0 },
    ]);
    await followers.follow([]);
    await followers.follow([{ ...idleSource(failing.name).source }]);
    expect(followers.status()).toEqual([{ name: failing.name, state: 'reading', lines: 0, bytes: 0 }]);
  });

  it('reject the promise `broken` after an unexpected error', async () => {
    const { followers } = followersWith();
    const buggy: Source = {
      name: 'file:/bug',
      // oxlint-disable-next-line require-yield -- it fails before its first batch.
      async *read() {
        throw new TypeError('a bug');
      },
    };
    await followers.follow([buggy]);
    await expect(followers.broken).rejects.toThrow('a bug');
  });
});
