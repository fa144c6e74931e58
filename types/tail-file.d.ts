// What Trapline uses of the package tail-file, which has no types of its own: its reading loop and its watch, taken over by a subclass.
declare module 'tail-file' {
  import { EventEmitter } from 'node:events';
  import type { FSWatcher } from 'node:fs';

  class Tail extends EventEmitter {
    constructor(filename: string, options?: { force?: boolean; _bufsize?: number });
    /** The file to follow. */
    filename: string;
    /** The file being followed; nothing is read while it is null. */
    started: string | null;
    fd: number | null | undefined;
    /** Where the next read begins, in bytes. */
    pos: number;
    /** A read is under way, or its outcome is being dealt with. */
    reading: boolean;
    /** Something happened in the directory since the last read began. */
    readable: boolean;
    watcher: FSWatcher | null;
    buf: Buffer | null;
    /** Watches the directory (throws when that cannot be done), then begins to read. */
    startTail(filename: string): void;
    /** Called for every event of the watch. */
    checkDir(type: string, name: string | null): void;
    checkDirError(error: Error): void;
    /** Begins a read unless one is under way. */
    readStuff(): void;
    getLine(): void;
  }
  export = Tail;
}
