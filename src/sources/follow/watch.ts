// Watches the directory of a log with the package tail-file. Only this file uses that package. The version of the package is pinned,
// because this file overrides undocumented methods of it.
import Tail from 'tail-file';

/** The callbacks of a watch. */
export interface DirectoryEvents {
  /**
   * Called when a file in the directory has changed. `renamed` is true when the file was created, deleted or renamed, and false when it was
   * only written to. `name` is null when inotify(7) gave no name.
   */
  readonly changed: (renamed: boolean, name: string | null) => void;
  /** Called when the watch has failed. It reports no event afterwards. */
  readonly failed: () => void;
}

/** A watch that can be moved from one directory to another. */
export interface DirectoryWatch {
  /** Watches the directory of the file at `path` instead of the previous directory. Throws a system error when it cannot be watched. */
  start(path: string): void;
  /** Ends the watch. No event is reported afterwards. */
  stop(): void;
}

/** Makes a watch by inotify(7), or by the equivalent of the system. Nothing is watched before `start`. */
export function newWatch(events: DirectoryEvents): DirectoryWatch {
  let tail: Tail | undefined;
  const stop = (): void => {
    const watcher = tail?.watcher;
    tail = undefined;
    watcher?.removeAllListeners();
    watcher?.on('error', () => {}); // A pending error must not become an uncaught exception.
    watcher?.close();
  };
  return {
    start(path) {
      stop();
      tail = new WatchOnly(path, events);
      tail.startTail(path);
    },
    stop,
  };
}

/** A Tail that only watches. It overrides the methods that tail-file calls in order to read the file or to give up. */
class WatchOnly extends Tail {
  readonly #events: DirectoryEvents;

  constructor(path: string, events: DirectoryEvents) {
    super(path, { force: true });
    this.#events = events;
  }

  override checkDir(type: string, name: string | null): void {
    this.#events.changed(type === 'rename', name);
  }

  override checkDirError(): void {
    this.#events.failed();
  }

  override getLine(): void {
    // Reads nothing.
  }
}
