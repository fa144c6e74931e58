import { describe, expect, it } from 'vitest';
import {
  ActionError,
  ConfigError,
  ControlError,
  errnoOf,
  LedgerError,
  messageOf,
  SourceError,
  UnusableLedgerError,
  UsageError,
  whatOf,
} from '../src/errors.ts';

const system = (code: string): Error => Object.assign(new Error(`${code}: said`), { code });

describe('an expected error', () => {
  it.each([
    ['UsageError', new UsageError('x'), 64],
    ['SourceError', new SourceError('x'), 65],
    ['LedgerError', new LedgerError('x'), 69],
    ['UnusableLedgerError', new UnusableLedgerError('x'), 72],
    ['ActionError', new ActionError('x'), 69],
    ['ControlError', new ControlError('x'), 69],
    ['ControlError', new ControlError('x', 77), 77],
    ['ConfigError', new ConfigError('x'), 78],
  ])('of the class %s has an exit code of sysexits(3)', (name, error, exitCode) => {
    expect(error).toMatchObject({ name, message: 'x', exitCode });
  });

  it.each(['EACCES', 'EPERM', 'EROFS'])('has the exit code for a missing permission when its cause is %s', (code) => {
    const cause = system(code);
    for (const kind of [SourceError, LedgerError, ConfigError]) {
      expect(new kind('x', { cause }).exitCode).toBe(77);
      expect(new kind('x', { cause: new ConfigError('y', { cause }) }).exitCode).toBe(77);
    }
    expect(new SourceError('x', { cause: system('ENOENT') }).exitCode).toBe(65);
  });
});

describe('messageOf', () => {
  it('converts any thrown value to one line', () => {
    expect(messageOf(new Error('a\n  b\nc'))).toBe('a; b; c');
    expect(messageOf('text')).toBe('text');
    expect(messageOf(undefined)).toBe('undefined');
  });
});

describe('whatOf', () => {
  it.each([
    ['/var/log/mail.log: permission denied, read it as root', 'permission denied'],
    ['/a: cannot be read: EMFILE: too many open files, open', 'cannot be read: EMFILE: too many open files'],
    ['ended', 'ended'],
  ])('returns the fault in %j', (message, what) => {
    expect(whatOf(message)).toBe(what);
  });
});

describe('errnoOf', () => {
  it('returns the name of a system error, and undefined for any other value', () => {
    expect(errnoOf(system('ENOENT'))).toBe('ENOENT');
    for (const thrown of [new Error('x'), Object.assign(new Error('x'), { code: 5 }), 'ENOENT', undefined])
      expect(errnoOf(thrown)).toBeUndefined();
  });
});
