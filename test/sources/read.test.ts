import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExecResult } from '../../src/lib/children/exec.ts';
import { openArchive } from '../../src/sources/archive.ts';
import type { SourceOptions } from '../../src/sources/options.ts';
import { detectSources, look, openSource, reads } from '../../src/sources/read.ts';
import { recordingLog, temporaryFolder } from '../support/sources/reader.ts';

const log = recordingLog();

/** A stand-in for postconf(1) that prints this text. Undefined: the program is missing. */
const postconf =
  (stdout: string | undefined, code = 0) =>
  (argv: readonly string[]): Promise<ExecResult> => {
    expect(argv).toEqual(['postconf', '-h', 'maillog_file']);
    if (stdout === undefined) return Promise.reject(new Error('spawn postconf ENOENT'));
    return Promise.resolve({ code, signal: null, timedOut: false, stdout, stderr: '', cut: false });
  };

function rootWith(...files: string[]): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'var/log'), { recursive: true });
  for (const file of files) writeFileSync(join(root, file), '');
  return root;
}

const settingsOf = (options: SourceOptions): string | undefined => openSource(options, { log }).settings;

describe('detectSources', () => {
  it.each([
    ['the file that Postfix writes', '/var/log/postfix.log\n', ['/var/log/mail.log'], '/var/log/postfix.log'],
    ['the usual file of Debian', '\n', ['/var/log/mail.log', '/var/log/maillog'], 'ROOT/var/log/mail.log'],
    ['the usual file of Red Hat', '\n', ['/var/log/maillog'], 'ROOT/var/log/maillog'],
    ['the usual file when postconf is missing', undefined, ['/var/log/maillog'], 'ROOT/var/log/maillog'],
    ['the usual file when Postfix writes to standard output', '/dev/stdout\n', ['/var/log/mail.log'], 'ROOT/var/log/mail.log'],
  ])('finds %s', async (_, answer, files, expected) => {
    const root = rootWith(...files);
    const found = await detectSources({ log, exec: postconf(answer), root });
    expect(found).toEqual([{ type: 'file', path: expected.replace('ROOT', root) }]);
  });

  it('uses the journal if no file is found', async () => {
    expect(await detectSources({ log, exec: postconf('fatal: no such parameter\n', 1), root: rootWith() })).toEqual([
      { type: 'journal' },
    ]);
  });
});

describe('openSource', () => {
  it('gives each source a name of its own, under which its cursor is recorded', () => {
    expect(openSource({ type: 'file', path: '/var/log/mail.log' }, { log }).name).toBe('file:/var/log/mail.log');
    expect(openSource({ type: 'file', path: '/var/log/mail/*.log' }, { log }).name).toBe('file:/var/log/mail/*.log');
    expect(openSource({ type: 'journal' }, { log }).name).toBe('journal');
  });
});

describe('the options of a source as text', () => {
  it.each<[string, SourceOptions, SourceOptions]>([
    ['another `from`', { type: 'file', path: '/a' }, { type: 'file', path: '/a', from: 'start' }],
    ['another user id', { type: 'journal', postfixUid: 1 }, { type: 'journal', postfixUid: 2 }],
    ['a user id that is configured only once', { type: 'journal' }, { type: 'journal', postfixUid: 2 }],
    ['another program', { type: 'journal', command: ['a', 'b'] }, { type: 'journal', command: ['a b'] }],
  ])('differ for %s, while the name of the source is equal', (_, one, other) => {
    expect(settingsOf(one)).not.toBe(settingsOf(other));
    expect(openSource(one, { log }).name).toBe(openSource(other, { log }).name);
  });

  it('do not depend on the order of the options', () => {
    expect(settingsOf({ path: '/a', from: 'end', type: 'file' })).toBe(settingsOf({ type: 'file', path: '/a', from: 'end' }));
  });
});

describe('openArchive', () => {
  it('gives the archive the name of its file, or "standard input"', () => {
    const options = { format: 'auto', now: 0, log } as const;
    expect(openArchive('/var/log/mail.log.1', options).name).toBe('/var/log/mail.log.1');
    expect(openArchive('-', options).name).toBe('standard input');
  });
});

const file = (path: string): SourceOptions => ({ type: 'file', path });

/** A stand-in for journalctl(1) that ends with this code. */
const journalctl = (code: number, stderr: string) => (argv: readonly string[]) => {
  expect(argv).toEqual(['journalctl', '--lines=0', '--quiet']);
  return Promise.resolve({ code, signal: null, timedOut: false, stdout: '', stderr, cut: false });
};

describe('a look at a source', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeEach(() => {
    folder = temporaryFolder();
    writeFileSync(at('mail.log'), '');
    mkdirSync(at('folder.log'));
  });

  it('finds nothing wrong with a file, files of a pattern, or a journal that can be read', async () => {
    expect(await look(file(at('mail.log')))).toEqual({});
    expect(await look(file(at('*.log')))).toEqual({});
    expect(await look({ type: 'journal' }, journalctl(0, ''))).toEqual({});
  });

  it('notes that a file is missing, or that no file matches a pattern', async () => {
    expect(await look(file(at('none.log')))).toEqual({ note: `${at('none.log')}: no such file, a daemon waits for it` });
    expect(await look(file(at('x*.log')))).toEqual({ note: `${at('x*.log')}: no file matches now, a daemon waits for one` });
  });

  it('finds a path that can never be a log, and a journal that cannot be read', async () => {
    expect((await look(file(at('folder.log')))).fault).toContain('is a directory');
    expect(
      await look({ type: 'journal' }, journalctl(1, 'No journal files were opened due to insufficient permissions.\nmore\n')),
    ).toEqual({
      fault: 'journal: No journal files were opened due to insufficient permissions. (journalctl, exit code 1)',
    });
    expect(await look({ type: 'journal' }, () => Promise.reject(new Error('spawn journalctl ENOENT')))).toEqual({
      fault: 'journal: spawn journalctl ENOENT',
    });
  });

  it('knows whether a source reads a file, also through a link', async () => {
    symlinkSync(at('mail.log'), at('link'));
    expect(await reads(file(at('mail.log')), at('link'))).toBe(true);
    expect(await reads(file(at('*.log')), at('mail.log'))).toBe(true);
    expect(await reads(file(at('x*.log')), at('mail.log'))).toBe(false);
    expect(await reads(file(at('none.log')), at('none.log'))).toBe(true);
    expect(await reads({ type: 'journal' }, at('mail.log'))).toBe(false);
  });
});
