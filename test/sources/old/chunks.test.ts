import { spawnSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../../../src/lib/children/exec.ts';
import { openChunks } from '../../../src/sources/old/chunks.ts';
import { root } from '../../support/privileges.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

const write = (bytes: string | Buffer, name = 'mail.log.4.gz'): string => {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
};

/** Reads all chunks. `error`: the error that ended the reading, if there was one. */
async function readAll(
  path: string,
  input?: AsyncIterable<Uint8Array>,
): Promise<{ text: string; largest: number; error?: unknown }> {
  const pieces: Buffer[] = [];
  let largest = 0;
  try {
    for await (const chunk of await openChunks(path, input)) {
      pieces.push(Buffer.from(chunk));
      largest = Math.max(largest, chunk.length);
    }
  } catch (error) {
    return { text: Buffer.concat(pieces).toString(), largest, error };
  }
  return { text: Buffer.concat(pieces).toString(), largest };
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** Text that gzip cannot compress much. */
const LONG = Array.from({ length: 40_000 }, (_, index) => `${(index * 2_654_435_761) % 4_294_967_296} mx\n`).join('');

const pack = (packer: string, text: string): Buffer => spawnSync(packer, ['-c'], { input: text, maxBuffer: 10_000_000 }).stdout;

describe('openChunks', () => {
  it('reads a plain file', async () => {
    expect((await readAll(write(LONG, 'mail.log'))).text).toBe(LONG);
  });

  it('P29: recognises a gzip file by its content, whatever its name is', async () => {
    expect((await readAll(write(gzipSync(LONG), 'mail.log.4'))).text).toBe(LONG);
    expect((await readAll(write(LONG, 'mail.log.4.gz'))).text).toBe(LONG);
  });

  it('P29: reads all members of a gzip file, and ignores bytes after them', async () => {
    const members = Buffer.concat([gzipSync('one\n'), gzipSync('two\n'), Buffer.alloc(512)]);
    expect(await readAll(write(members))).toMatchObject({ text: 'one\ntwo\n', largest: 8 });
  });

  it('reads a truncated gzip file up to its end, and then throws an error with the place of this end', async () => {
    const whole = gzipSync(LONG);
    const path = write(whole.subarray(0, whole.length - 5000));
    const { text, error } = await readAll(path);
    expect(text.length).toBeGreaterThan(LONG.length * 0.9);
    expect(LONG.startsWith(text)).toBe(true);
    expect(error).toMatchObject({
      name: 'DamagedError',
      message: `${path}: the gzip file ends in the middle, after ${whole.length - 5000} bytes, fetch the whole file; its first ${text.length} unpacked bytes were used`,
    });
  });

  it('throws an error with the place of the damage for a damaged gzip file', async () => {
    const bytes = gzipSync(LONG);
    bytes.fill(0xff, 100_000, 100_100);
    const { text, error } = await readAll(write(bytes));
    expect(LONG.startsWith(text.slice(0, 1000))).toBe(true);
    expect(error).toMatchObject({
      name: 'DamagedError',
      message: expect.stringMatching(/the gzip file is damaged within the last 65536 of \d+ bytes/),
    });
  });

  it('needs little memory for any gzip file', async () => {
    const path = write(gzipSync(Buffer.alloc(200_000_000)));
    const before = process.memoryUsage().rss;
    let total = 0;
    let most = 0;
    for await (const chunk of await openChunks(path)) {
      total += chunk.length;
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(total).toBe(200_000_000);
    expect(most).toBeLessThan(80_000_000);
  });

  const packers: readonly (readonly [form: string, packer: string])[] = [
    ['zstd', 'zstd'],
    ['xz', 'xz'],
    ['bzip2', 'bzip2'],
    ['lz4', 'lz4'],
  ];

  it.runIf(root || packers.every(([, packer]) => findProgram(packer) !== undefined)).each(packers)(
    'P29: unpacks %s with the program %s, from a file or standard input, and throws an error for a damaged file',
    async (_form, packer) => {
      const packed = pack(packer, LONG);
      expect((await readAll(write(packed, 'mail.log.4'))).text).toBe(LONG);
      expect((await readAll('-', inPieces(packed, 10_000))).text).toBe(LONG);
      const path = write(packed.subarray(0, packed.length - 100));
      const { text, error } = await readAll(path);
      expect(LONG.startsWith(text)).toBe(true);
      expect(error).toMatchObject({ name: 'DamagedError' });
      expect(String(error)).toContain(`${path}: is damaged or ends too early (${packer}: exit code `);
      const used = text === '' ? 'nothing of it was used' : `its first ${text.length} unpacked bytes were used`;
      expect(String(error)).toContain(`fetch the whole file; ${used}`);
    },
  );

  it.each<[string, string | Buffer, string]>([
    ['zip', 'PK\u0003\u0004....', 'unzip -p'],
    ['a journal file', 'LPKSHHRH....', 'journalctl --output=json --file'],
    ['7z', Buffer.from('377abcaf271c0004', 'hex'), '7z x -so'],
    ['rar', 'Rar!\u001a\u0007\u0001\u0000', 'unrar p -inul'],
    ['lzop', Buffer.from('894c5a4f000d0a1a0a', 'hex'), 'lzop -dc'],
  ])('P29, N024: refuses %s, with advice', async (form, bytes, program) => {
    const path = write(bytes);
    expect((await readAll(path)).error).toMatchObject({
      name: 'SourceError',
      message: `${path}: is ${form}, which is not read; unpack it first: ${program} ${path} | trapline backfill -`,
    });
  });

  it.each(['', 'a', '\n'])('reads a file that contains only %j', async (text) => {
    expect(await readAll(write(text))).toMatchObject({ text });
  });

  it('refuses a missing file and a directory', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    expect((await readAll(join(folder, 'none\n.log'))).error).toMatchObject({ message: `${folder}/none\\u{a}.log: no such file` });
    expect((await readAll(join(folder, 'sub'))).error).toMatchObject({
      message: `${folder}/sub: is a directory, name the files in it (${folder}/sub/*)`,
    });
  });

  it.each([1, 7, 100_000])('reads standard input in pieces of %i bytes, plain or gzip', async (size) => {
    const text = LONG.slice(0, 3000);
    expect((await readAll('-', inPieces(Buffer.from(text), size))).text).toBe(text);
    expect((await readAll('-', inPieces(gzipSync(text), size))).text).toBe(text);
  });

  it('returns the time of the log from the gzip header, or from the file if the header has no time', async () => {
    const stamped = gzipSync('x');
    stamped.writeUInt32LE(1_700_000_000, 4);
    expect((await openChunks(write(stamped))).modified).toBe(1_700_000_000_000);
    const path = write('x');
    utimesSync(path, 1_600_000_000, 1_600_000_000);
    expect((await openChunks(path)).modified).toBe(1_600_000_000_000);
    expect((await openChunks('-', inPieces(Buffer.from('x'), 1))).modified).toBeUndefined();
  });
});
