import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createContext } from '../../src/cli/context.ts';
import { compile, PROGRAM } from '../support/faults/daemon.mjs';

const streams = [process.stdout, process.stderr];
const before = streams.map((stream) => stream.listeners('error'));

/** Calls the listeners that the context has added, as a failed write does. */
const fail = (index: number, code: string): void => {
  const error = Object.assign(new Error(`write ${code}`), { code });
  for (const listener of streams[index]?.listeners('error') ?? []) if (!before[index]?.includes(listener)) listener(error);
};

beforeAll(() => compile(), 120_000);

afterEach(() => {
  vi.restoreAllMocks();
  streams.forEach((stream, index) => {
    for (const listener of stream.listeners('error'))
      if (!before[index]?.includes(listener)) stream.off('error', listener as () => void);
  });
});

describe('createContext', () => {
  it.each([0, 1])('ends a command when the reader of standard output or error has gone (stream %d)', (index) => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
      throw new Error('exits');
    });
    createContext();
    expect(() => fail(index, 'EPIPE')).toThrow('exits');
    expect(exit).toHaveBeenCalledWith();
  });

  it.each([0, 1])(
    'ends a command whose output cannot be written with an exit code and without a stack trace (stream %d)',
    (index) => {
      const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
        throw new Error('exits');
      });
      createContext();
      expect(() => fail(index, 'ENOSPC')).toThrow('exits');
      expect(exit).toHaveBeenCalledWith(69);
    },
  );

  it('names the reason in one line when the disk of the output is full', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(PROGRAM[0] ?? '', [PROGRAM[1] ?? '', '--help'], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect(stderr).toMatch(/^trapline: the output cannot be written: ENOSPC[^\n]*\n$/);
    expect(status).toBe(69);
  });

  it.each(['EPIPE', 'ENOSPC', 'EIO'])('lets a daemon go on when a write to standard output or error fails with %s', (code) => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
      throw new Error('exits');
    });
    createContext().outliveReaders();
    for (const index of [0, 1]) expect(() => fail(index, code)).not.toThrow();
    expect(exit).not.toHaveBeenCalled();
  });
});
