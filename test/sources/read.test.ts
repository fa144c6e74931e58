import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExecResult } from '../../src/lib/exec.ts';
import { openArchive } from '../../src/sources/archive.ts';
import { detectSources, openSource } from '../../src/sources/read.ts';
import { recordingLog, temporaryFolder } from '../support/sources-reader.ts';

const log = recordingLog();

/** postconf(1) that answers so; undefined: there is none. */
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

describe('detectSources', () => {
  it.each([
    ['the file that Postfix writes', '/var/log/postfix.log\n', ['/var/log/mail.log'], '/var/log/postfix.log'],
    ["Debian's file", '\n', ['/var/log/mail.log', '/var/log/maillog'], 'ROOT/var/log/mail.log'],
    ["Red Hat's file", '\n', ['/var/log/maillog'], 'ROOT/var/log/maillog'],
    ['the usual file when there is no postconf', undefined, ['/var/log/maillog'], 'ROOT/var/log/maillog'],
    ['the usual file when Postfix writes to standard output', '/dev/stdout\n', ['/var/log/mail.log'], 'ROOT/var/log/mail.log'],
  ])('finds %s', async (_, answer, files, expected) => {
    const root = rootWith(...files);
    const found = await detectSources({ log, exec: postconf(answer), root });
    expect(found).toEqual([{ type: 'file', path: expected.replace('ROOT', root) }]);
  });

  it('falls back to the journal', async () => {
    expect(await detectSources({ log, exec: postconf('fatal: no such parameter\n', 1), root: rootWith() })).toEqual([
      { type: 'journal' },
    ]);
  });
});

describe('openSource', () => {
  it('names sources so that their cursors can be told apart', () => {
    expect(openSource({ type: 'file', path: '/var/log/mail.log' }, { log }).name).toBe('file:/var/log/mail.log');
    expect(openSource({ type: 'file', path: '/var/log/mail/*.log' }, { log }).name).toBe('file:/var/log/mail/*.log');
    expect(openSource({ type: 'journal' }, { log }).name).toBe('journal');
  });
});

describe('openArchive', () => {
  it('names what is read', () => {
    const options = { format: 'auto', now: 0, log } as const;
    expect(openArchive('/var/log/mail.log.1', options).name).toBe('/var/log/mail.log.1');
    expect(openArchive('-', options).name).toBe('standard input');
  });
});
