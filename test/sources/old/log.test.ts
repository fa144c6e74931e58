import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { OldLog, openChunks, type OldLogOptions, type Part } from '../../../src/sources/old/log.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const ENTRIES = readFileSync(new URL('../../fixtures/corpus/basic.journald.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .slice(0, 20);

const write = (bytes: string | Buffer): string => {
  const path = join(temporaryFolder(), 'mail.log.1');
  writeFileSync(path, bytes);
  return path;
};

async function read(
  path: string,
  options: Partial<OldLogOptions> = {},
  input?: AsyncIterable<Uint8Array>,
): Promise<{ old: OldLog; parts: Part[]; text: string; cuts: number }> {
  const old = new OldLog(path, { format: 'auto', now: NOW, ...options });
  const parts: Part[] = [];
  let cuts = 0;
  for await (const { bytes, ...rest } of old.parts(await openChunks(path, input), () => void (cuts += 1))) {
    parts.push({ bytes: Buffer.from(bytes), ...rest });
  }
  return { old, parts, text: Buffer.concat(parts.map(({ bytes }) => bytes)).toString('latin1'), cuts };
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

describe('an old log', () => {
  it('is read in complete lines, including a last line without a newline', async () => {
    const text = `${'2026-05-01T00:00:00Z mx line\n'.repeat(100_000)}last`;
    expect((await read(write(text))).text === `${text}\n`).toBe(true);
  });

  it('has equal lines, whatever the size of the chunks', async () => {
    const text = 'Nov 29 10:00:00 mx a\nNov 30 10:00:00 mx b\n\nlast';
    for (const size of [1, 7, 100]) expect((await read('-', {}, inPieces(Buffer.from(text), size))).text).toBe(`${text}\n`);
  });

  it('is empty for an empty file', async () => {
    expect((await read(write(''))).parts).toEqual([]);
  });

  it('has parts with the time of their lines, which is never later than now', async () => {
    const lines = ['Nov 29 10:00:00 mx a\n', 'Jan 30 10:00:00 mx b\n', 'Mar 30 10:00:00 mx c\n'];
    const { parts } = await read(write(lines.map((line) => line.repeat(400)).join('')));
    expect(parts.map(({ at }) => new Date(at).toISOString().slice(0, 7))).toEqual(['2025-11', '2026-01', '2026-03']);
    expect(parts.every(({ journal }) => !journal)).toBe(true);
  });

  it('ends when the signal aborts', async () => {
    const stop = new AbortController();
    const path = write('line\n'.repeat(1_000_000));
    let parts = 0;
    for await (const _ of new OldLog(path, { format: 'auto', now: NOW }).parts(await openChunks(path), () => {}, stop.signal)) {
      parts += 1;
      stop.abort();
    }
    expect(parts).toBe(1);
  });

  it('counts each line that is cut', async () => {
    const { cuts, text } = await read(write(gzipSync(`${'x'.repeat(3_000_000)}\nnext\n`)));
    expect(cuts).toBe(1);
    expect(text.split('\n').map((line) => line.length)).toEqual([65_536, 4, 0]);
  });
});

describe('a journal in an old log', () => {
  const exported = `${ENTRIES.join('\n')}\n`;

  it.each([
    ['a journal when its first byte begins a JSON object', 'auto', exported, true],
    ['a journal when its first byte after blanks begins a JSON object', 'auto', `\n \n${exported}`, true],
    ['a journal when its format is journal', 'journal', 'text\n', true],
    ['text when its format is syslog', 'syslog', exported, false],
    ['text when its first byte is another character', 'auto', `text\n${exported}`, false],
  ] as const)('is read as %s', async (_, format, text, expected) => {
    const { parts } = await read(write(text), { format });
    expect(parts.every(({ journal }) => journal === expected)).toBe(true);
    expect(parts.length).toBeGreaterThan(0);
  });

  it('knows the user id of Postfix before it reads the first entry of a file', async () => {
    const first = (ENTRIES[0] ?? '').replace(/"_EXE":"[^"]*",?/, '').replace(/"_COMM":"[^"]*",?/, '');
    const { old } = await read(write(`${first}\n${exported}`));
    expect(String(old.lineOf(Buffer.from(first)))).toMatch(/ postfix\/\w+\[\d+\]: /);
  });

  it('learns the user id of Postfix from entries on standard input', async () => {
    const { old, parts } = await read('-', {}, inPieces(Buffer.from(exported), 100));
    expect(parts.every(({ journal }) => journal)).toBe(true);
    expect(old.lineOf(Buffer.from(ENTRIES[0] ?? ''))).toBeDefined();
  });

  it('has no line for text, or for an entry of a user other than the configured user', () => {
    const old = new OldLog('-', { format: 'auto', now: NOW, postfixUid: 89 });
    expect(old.lineOf(Buffer.from('text\n'))).toBeUndefined();
    expect(old.lineOf(Buffer.from(ENTRIES[0] ?? ''))).toBeUndefined();
  });

  it('may have entries of up to 1 MiB, which is more than a line of a text log may have', async () => {
    const long = `{"MESSAGE":"${'x'.repeat(1_000_000)}"}\n`;
    expect((await read('-', {}, inPieces(Buffer.from(long), 65_536))).cuts).toBe(0);
    const longer = `{"MESSAGE":"${'x'.repeat(1_100_000)}"}\n`;
    expect((await read('-', {}, inPieces(Buffer.from(longer), 65_536))).cuts).toBe(1);
  });
});
