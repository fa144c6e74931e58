import { describe, expect, it } from 'vitest';
import type { Chunks } from '../../../src/sources/old/chunks.ts';
import { Dating, findMarks } from '../../../src/sources/old/dating.ts';
import { inZone } from '../../support/zone.ts';

const END = Date.parse('2026-06-01T00:00:00Z');

/** Returns each piece as text, with its time. */
const cut = (dating: Dating, text: string, offset: number): [string, number][] =>
  [...dating.cut(Buffer.from(text), offset)].map(({ piece, at }) => [piece.toString(), at]);

const bytes = Buffer.from('Nov 29 10:00:00 mx a\nNov 30 10:00:00 mx b\n');

async function* pieces(...all: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* all;
}

async function* damaged(): AsyncGenerator<Buffer> {
  yield bytes;
  throw new Error('damaged');
}

/** The chunks of a compressed file. */
const chunksOf = (fields: Partial<Chunks>, ...all: readonly Buffer[]): Chunks => ({
  compressed: true,
  size: 100,
  modified: END,
  bytesRead: () => 0,
  [Symbol.asyncIterator]: () => pieces(...all),
  ...fields,
});

const never = (): Promise<Chunks> => expect.unreachable();

const year = (at: number | undefined): number => new Date(at ?? 0).getUTCFullYear();

describe('Dating', () => {
  it('gives the lines of a repeated hour a time of their own, because they could be read as an hour too early', () => {
    const text = 'Oct 25 02:50:00 mx a\nOct 25 02:10:00 mx b\nOct 26 02:10:00 mx c\n';
    const at = Date.parse('2026-10-01T00:00:00Z');
    const parts = inZone('Europe/Berlin', () => cut(new Dating([{ offset: 0, at }], END), text, 0));
    expect(parts).toEqual([
      ['Oct 25 02:50:00 mx a\n', Date.parse('2026-10-25T00:50:00Z')],
      ['Oct 25 02:10:00 mx b\n', Date.parse('2026-10-25T01:10:00Z')],
      ['Oct 26 02:10:00 mx c\n', at],
    ]);
  });

  it('gives each line the time of the last mark before it', () => {
    const dating = new Dating(
      [
        { offset: 0, at: 1 },
        { offset: 4, at: 2 },
        { offset: 12, at: 3 },
      ],
      END,
    );
    expect(cut(dating, 'one\ntwo\n', 0)).toEqual([
      ['one\n', 1],
      ['two\n', 2],
    ]);
    expect(dating.at).toBe(2);
    expect(cut(dating, 'tri\n', 8)).toEqual([['tri\n', 2]]);
    expect(cut(dating, 'fou\n', 12)).toEqual([['fou\n', 3]]);
  });

  it('uses the last of several marks that lie before the next line', () => {
    const dating = new Dating(
      [
        { offset: 0, at: 1 },
        { offset: 2, at: 2 },
        { offset: 4, at: 3 },
      ],
      END,
    );
    expect(cut(dating, 'x\n', 10)).toEqual([['x\n', 3]]);
  });

  it('starts at the first mark, or at the end when there is no mark', () => {
    expect(new Dating([{ offset: 9, at: 7 }], END).at).toBe(7);
    expect(new Dating([], END).at).toBe(END);
    expect(cut(new Dating([], END), 'one\n', 0)).toEqual([['one\n', END]]);
  });

  it('counts years forward from the first line when there are no marks', () => {
    const dating = new Dating(undefined, END);
    const [[, first] = ['', 0]] = cut(dating, 'Nov 30 10:00:00 mx a\n', 0);
    expect(year(first)).toBe(2025);
    const far = `Nov 30 10:00:00 mx a\n${'x'.repeat(20_000)}\nJan 30 10:00:00 mx b\nJan 30 10:00:01 mx c\n`;
    expect(cut(dating, far, 21).map(([, at]) => year(at))).toEqual([2025, 2026]);
  });
});

describe('findMarks', () => {
  it('samples a plain file without a second opening of the file', async () => {
    const readAt = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length);
    const marks = await findMarks(chunksOf({ compressed: false, size: bytes.length, readAt }), never, END);
    expect(marks?.map(({ offset, at }) => [offset, year(at)])).toEqual([[0, 2025]]);
  });

  it('reads a compressed file a second time only if it has at most 4 MiB', async () => {
    const again = async (): Promise<Chunks> => chunksOf({}, bytes);
    expect(await findMarks(chunksOf({ size: 4_194_304 }), again, END)).toHaveLength(1);
    expect(await findMarks(chunksOf({ size: 4_194_305 }), never, END)).toBeUndefined();
  });

  it('returns undefined for standard input', async () => {
    expect(await findMarks(chunksOf({ compressed: false, size: undefined }), never, END)).toBeUndefined();
  });

  it('returns undefined for a compressed file with more than 256 MiB of content', async () => {
    const piece = Buffer.alloc(67_108_864, 'x');
    bytes.copy(piece);
    const all = [piece, piece, piece, piece];
    expect(await findMarks(chunksOf({}), async () => chunksOf({}, ...all), END)).toHaveLength(1);
    expect(await findMarks(chunksOf({}), async () => chunksOf({}, ...all, Buffer.from('\n')), END)).toBeUndefined();
  });

  it('uses the lines before a damaged part of a file', async () => {
    const again = async (): Promise<Chunks> => chunksOf({ [Symbol.asyncIterator]: damaged });
    expect(await findMarks(chunksOf({}), again, END)).toHaveLength(1);
  });
});
