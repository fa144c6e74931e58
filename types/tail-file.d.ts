// Types for the package tail-file (1.4.16), which has no types of its own. These types cover only the watch of a directory, because
// src/sources/follow/watch.ts uses nothing else.
declare module 'tail-file' {
  import { EventEmitter } from 'node:events';
  import type { FSWatcher } from 'node:fs';

  class Tail extends EventEmitter {
    constructor(filename: string, options?: { force?: boolean });
    /** The watch that `startTail` made. */
    watcher: FSWatcher | null;
    /** Watches the directory of the file, then calls `getLine`. Throws the system error when the directory cannot be watched. */
    startTail(filename: string): void;
    /** Called for every event of the watch. */
    checkDir(type: string, name: string | null): void;
    /** Called when the watch fails. */
    checkDirError(error: Error): void;
    /** Begins to read the file. */
    getLine(): void;
  }
  export = Tail;
}
