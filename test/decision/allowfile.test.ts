import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AllowFile } from '../../src/decision/allowfile.ts';
import { ConfigError } from '../../src/errors.ts';
import { spanOf } from '../../src/lib/networks/span.ts';
import { network, NOON, SECOND } from '../support/decision/words.ts';
import { descriptorsListed, openFilesIn } from '../support/descriptors.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-allowfile-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (name = 'allow.txt'): string => join(folder, name);

/** Replaces the file. `modified` is the modification time of the new file. */
function write(clients: readonly string[], modified = NOON): void {
  rmSync(pathOf(), { force: true });
  writeFileSync(pathOf(), clients.map((client) => `${client}\n`).join(''));
  utimesSync(pathOf(), modified / 1000, modified / 1000);
}

/** Writes a file with these clients, and loads it. */
function load(...clients: string[]): AllowFile {
  write(clients);
  return AllowFile.load(pathOf());
}

const holds = (file: AllowFile, client: string): boolean => file.networks.touching(spanOf(network(client))) !== undefined;

const refusal = (name?: string): string => {
  try {
    AllowFile.load(pathOf(name));
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message.replaceAll(folder, 'FOLDER');
    throw thrown;
  }
  return 'no refusal';
};

describe('AllowFile.load', () => {
  it('reads the networks of the file', () => {
    const file = load('192.0.2.7', '198.51.100.0/24');
    expect(['192.0.2.7', '192.0.2.8', '198.51.100.9'].map((client) => holds(file, client))).toEqual([true, false, true]);
  });

  it('refuses a bad line with its place', () => {
    write(['192.0.2.7', 'bad']);
    expect(refusal()).toMatch(/^FOLDER\/allow\.txt:2:1: "bad": not an address or network/);
  });

  it('refuses a missing file, and a folder', () => {
    expect(refusal('none.txt')).toMatch(/^FOLDER\/none\.txt: cannot be read: ENOENT/);
    expect(refusal('.')).toBe('FOLDER: not a regular file');
  });

  it('refuses a FIFO without waiting for its writer', () => {
    execFileSync('mkfifo', [pathOf()]);
    expect(refusal()).toBe('FOLDER/allow.txt: not a regular file');
  });

  it('refuses a file above 32 MiB, and reads a file of exactly 32 MiB', () => {
    write([]);
    truncateSync(pathOf(), 32 * 1024 * 1024 + 1);
    expect(refusal()).toBe('FOLDER/allow.txt: larger than 32 MiB, use networks instead of addresses');
    // A blank line of 32 MiB.
    writeFileSync(pathOf(), Buffer.alloc(32 * 1024 * 1024, ' '));
    expect(refusal()).toBe('no refusal');
  });
});

describe('AllowFile.refresh', () => {
  it('reports no change for an unchanged file', () => {
    expect(load('192.0.2.7').refresh(NOON)).toEqual({ kind: 'unchanged' });
  });

  it('uses a new list at once if it has at least as many entries as the old list', () => {
    const file = load('192.0.2.1');
    write(['192.0.2.1', '192.0.2.2']);
    expect(file.refresh(NOON)).toEqual({ kind: 'changed', text: `${pathOf()}: read again, 2 networks (1 before)` });
    write(['192.0.2.1', '192.0.2.3']);
    expect(file.refresh(NOON)).toEqual({ kind: 'changed', text: `${pathOf()}: read again, 2 networks (2 before)` });
    expect(['192.0.2.2', '192.0.2.3'].map((client) => holds(file, client))).toEqual([false, true]);
  });

  it('uses a shorter list two seconds after it was written', () => {
    const file = load('192.0.2.1', '192.0.2.2');
    write(['192.0.2.1']);
    expect(file.refresh(NOON)).toEqual({ kind: 'unchanged' });
    expect(file.refresh(NOON + 2 * SECOND - 1)).toEqual({ kind: 'unchanged' });
    expect(holds(file, '192.0.2.2')).toBe(true);
    expect(file.refresh(NOON + 2 * SECOND)).toMatchObject({ kind: 'changed' });
    expect(holds(file, '192.0.2.2')).toBe(false);
  });

  it('uses a shorter list at once when its modification time is in the future', () => {
    const file = load('192.0.2.1', '192.0.2.2');
    write(['192.0.2.1'], NOON + 1);
    expect(file.refresh(NOON)).toMatchObject({ kind: 'changed' });
  });

  it('keeps the last good list, and reports each fault once', () => {
    const file = load('192.0.2.1');
    write(['192.0.2.1', 'bad']);
    const { kind, text } = { text: '', ...file.refresh(NOON) };
    expect(kind).toBe('problem');
    expect(text).toMatch(/allow\.txt:2:1: "bad": .*; the last good list stays in force$/);
    expect(file.refresh(NOON)).toEqual({ kind: 'unchanged' });
    write(['192.0.2.1', 'worse']);
    expect(file.refresh(NOON)).toMatchObject({ kind: 'problem' });
    expect(holds(file, '192.0.2.1')).toBe(true);
  });

  it('reports each removal of the file, even when the file was restored unchanged in between', () => {
    load('192.0.2.1');
    symlinkSync(pathOf(), pathOf('link.txt'));
    const file = AllowFile.load(pathOf('link.txt'));
    const kinds = [1, 2].flatMap(() => {
      rmSync(pathOf('link.txt'));
      const gone = [file.refresh(NOON), file.refresh(NOON)];
      symlinkSync(pathOf(), pathOf('link.txt'));
      return [...gone, file.refresh(NOON)].map(({ kind }) => kind);
    });
    expect(kinds).toEqual(['problem', 'unchanged', 'unchanged', 'problem', 'unchanged', 'unchanged']);
    expect(holds(file, '192.0.2.1')).toBe(true);
  });

  it.runIf(descriptorsListed)('leaves no file open', () => {
    const file = load('192.0.2.1');
    for (const client of ['192.0.2.2', '192.0.2.3', '192.0.2.4', 'bad', 'worse']) {
      write([client]);
      file.refresh(NOON);
    }
    expect(openFilesIn(folder)).toEqual([]);
  });

  it('reads a file again when a file of equal size and time replaced it', () => {
    const file = load('192.0.2.1');
    write(['192.0.2.2']);
    expect(file.refresh(NOON)).toMatchObject({ kind: 'changed' });
    expect(holds(file, '192.0.2.2')).toBe(true);
  });
});
