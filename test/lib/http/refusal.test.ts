import { describe, expect, it } from 'vitest';
import { ConfigError, ControlError, EXIT, LedgerError, SourceError, UsageError } from '../../../src/errors.ts';
import { HttpError, refusalOf } from '../../../src/lib/http/refusal.ts';

const DENIED = Object.assign(new Error('EACCES'), { code: 'EACCES' });

const setUp = () => {
  const lines: string[] = [];
  return { lines, log: { error: (text: string) => void lines.push(text) } };
};

describe('refusalOf', () => {
  it.each([
    ['a request with an invalid content', new UsageError('no such network'), 400, EXIT.usage],
    ['a request with an HTTP error', new HttpError(413, 'too long'), 413, EXIT.usage],
    ['a faulty configuration', new ConfigError('f:1:1: unknown key'), 422, EXIT.config],
    ['a configuration that may not be read', new ConfigError('f', { cause: DENIED }), 422, EXIT.permission],
    ['a client without permission', new ControlError('not for readers', EXIT.permission), 403, EXIT.permission],
    ['a daemon that cannot be reached', new ControlError('gone'), 503, EXIT.unavailable],
    ['a ledger that cannot be written', new LedgerError('disk full'), 503, EXIT.unavailable],
    ['a log that cannot be read', new SourceError('no such file'), 503, EXIT.input],
  ])('returns a status and an exit code of its own for %s, and logs nothing', (_, thrown, status, exitCode) => {
    const { lines, log } = setUp();
    expect(refusalOf(thrown, log)).toEqual({ status, headers: {}, answer: { error: thrown.message, exitCode } });
    expect(lines).toEqual([]);
  });

  it('returns the headers of an HttpError', () => {
    expect(refusalOf(new HttpError(405, 'no', { allow: 'GET' }), undefined).headers).toEqual({ allow: 'GET' });
  });

  it.each([
    ['an error of JavaScript', new TypeError('x is undefined'), 'x is undefined'],
    ['a thrown value that is no error', 'thrown text', 'thrown text'],
  ])('returns the status 500 for %s, and logs a bug', (_, thrown, words) => {
    const { lines, log } = setUp();
    const answer = { error: `a bug in the daemon, see its log: ${words}`, exitCode: EXIT.bug };
    expect(refusalOf(thrown, log)).toEqual({ status: 500, headers: {}, answer });
    expect(lines).toEqual([expect.stringMatching(/^a request failed, please report this: /)]);
    expect(lines[0]).toContain(words);
  });

  it('logs a bug with its stack trace', () => {
    const { lines, log } = setUp();
    refusalOf(new TypeError('x'), log);
    expect(lines[0]).toMatch(/refusal\.test\.ts:\d+/);
  });

  it.each([
    [1000, 1000],
    [1001, 1003],
  ])('returns a message of %d characters with %d characters', (length, shown) => {
    expect(refusalOf(new UsageError('x'.repeat(length)), undefined).answer.error).toHaveLength(shown);
  });

  it('escapes control characters, because they could control a terminal', () => {
    expect(refusalOf(new UsageError('\u001b[2J'), undefined).answer.error).toBe('\\u{1b}[2J');
  });
});
