// Tests the contract of every source: a source gives all lines of its log, complete and in order.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { lineOf, parseEntry } from '../../src/sources/journal/entry.ts';
import { openArchive } from '../../src/sources/archive.ts';
import { openSource } from '../../src/sources/read.ts';
import type { Batch, Source } from '../../src/words/walk.ts';
import { until } from '../support/until.ts';
import { Reader, recordingLog, temporaryFolder } from '../support/sources/reader.ts';

const ENTRIES = readFileSync(new URL('../fixtures/corpus/attack-chars.journald.jsonl', import.meta.url));
const LINES = ENTRIES.toString()
  .split('\n')
  .slice(0, -1)
  .map((text) => lineOf(parseEntry(Buffer.from(text)) ?? {}) ?? Buffer.alloc(0));
const TEXT = Buffer.concat(LINES);
/** The ID of the machine that wrote the entries. */
const MACHINE = '3d1219c7c4c5404aaa1f6d2a48adfda4';
const JOURNALCTL = join(import.meta.dirname, '..', 'support', 'sources', 'journalctl.mjs');
const log = recordingLog();
const ARCHIVE = { format: 'auto', now: Date.parse('2026-12-01T00:00:00Z'), log } as const;

const write = (name: string, bytes: Buffer): string => {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
};

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000);
}

const SOURCES: readonly (readonly [string, boolean, () => Source])[] = [
  ['a file', true, () => openSource({ type: 'file', path: write('mail.log', TEXT), from: 'start' }, { log })],
  [
    'a pattern',
    true,
    () => openSource({ type: 'file', path: write('mail.log', TEXT).replace('mail', 'm*'), from: 'start' }, { log }),
  ],
  [
    'the journal source',
    true,
    () => {
      const command = [process.execPath, JOURNALCTL, write('journal', ENTRIES), write('state', Buffer.from('{"calls":[]}'))];
      return openSource({ type: 'journal', postfixUid: 102, machine: MACHINE, from: 'start', command }, { log });
    },
  ],
  ['a plain archive', false, () => openArchive(write('mail.log.1', TEXT), ARCHIVE)],
  ['a gzip archive', false, () => openArchive(write('mail.log.2.gz', gzipSync(TEXT)), ARCHIVE)],
  ['an exported journal', false, () => openArchive(write('journal.json', ENTRIES), ARCHIVE)],
  ['standard input', false, () => openArchive('-', { ...ARCHIVE, input: pieces(TEXT) })],
];

describe.each(SOURCES)('%s', (_, live, open) => {
  it('gives every line complete, in order and with unchanged bytes, and reports its state', async () => {
    const source = open();
    const reader = new Reader(source);
    await reader.line(LINES.length);
    expect(Buffer.from(reader.lines.map((line) => `${line}\n`).join(''), 'latin1').equals(TEXT)).toBe(true);
    expect(source.stats?.()).toMatchObject({ state: expect.any(String), lines: expect.any(Number), bytes: expect.any(Number) });
    await reader.stop();
    expect(reader.failure).toBeUndefined();
  });

  it(`has ${live ? 'a cursor in each batch, from which it can resume reading' : 'no cursor'}`, async () => {
    const source = open();
    const stop = new AbortController();
    let first: Batch | undefined;
    for await (const batch of source.read(undefined, stop.signal)) {
      first ??= { ...batch, bytes: Buffer.from(batch.bytes) };
      stop.abort();
    }
    expect(first?.source).toBe(source.name);
    expect(first?.bytes.at(-1)).toBe(0x0a);
    expect(typeof first?.cursor).toBe(live ? 'string' : 'undefined');
    const rest = TEXT.subarray(live ? first?.bytes.length : 0);
    const reader = new Reader(live ? source : open(), first?.cursor);
    await reader.line(rest.filter((byte) => byte === 0x0a).length);
    expect(Buffer.from(reader.lines.map((line) => `${line}\n`).join(''), 'latin1').equals(rest)).toBe(true);
  });

  it('ends within five seconds after the signal to stop', async () => {
    const reader = new Reader(open());
    await reader.begun();
    const ended = reader.stop().then(() => true);
    await until('the end', () => ended, 5000);
    expect(reader.failure).toBeUndefined();
  });
});
