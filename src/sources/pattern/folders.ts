// Watches each folder once for all logs in it. So an event does not cost more when the folder holds thousands of logs.
import { basename, dirname, join } from 'node:path';
import { identityOf, keyOf, logsOf, newWatch, statOf, type DirectoryEvents, type DirectoryWatch } from '../follow/follow.ts';

/** A watched folder. */
interface Folder {
  readonly path: string;
  readonly key: string | undefined;
  readonly watch: DirectoryWatch;
  /** The listeners of each log. The key is the name of the log. */
  readonly listeners: Map<string, Set<DirectoryEvents>>;
}

/** Makes a watch of one folder. */
type MakeWatch = (events: DirectoryEvents) => DirectoryWatch;

/** The watched folders of one source. */
export class Folders {
  readonly #folders = new Map<string, Folder>();
  readonly #appeared: (folder: string, name: string | null) => void;
  readonly #newWatch: MakeWatch;

  /**
   * `appeared` is called when a name appears in a folder or vanishes from it, and no listener handles this name. The name is null when the
   * system did not report it. `makeWatch`: by default, inotify(7) watches the folders.
   */
  constructor(appeared: (folder: string, name: string | null) => void, makeWatch: MakeWatch = newWatch) {
    this.#appeared = appeared;
    this.#newWatch = makeWatch;
  }

  /** A watch for one log. It reports the events of the log and of its rotated copies, and every event without a name. */
  watchFor(events: DirectoryEvents): DirectoryWatch {
    let watched: { readonly folder: Folder; readonly name: string } | undefined;
    const stop = (): void => {
      if (watched) this.#leave(watched.folder, watched.name, events);
      watched = undefined;
    };
    return {
      start: (path) => {
        stop();
        const folder = this.#folder(path);
        const name = basename(path);
        const listeners = folder.listeners.get(name);
        if (listeners) listeners.add(events);
        else folder.listeners.set(name, new Set([events]));
        watched = { folder, name };
      },
      stop,
    };
  }

  /** True while the folder is watched. */
  isWatched(folder: string): boolean {
    return this.#folders.has(folder);
  }

  /** Ends all watches. */
  close(): void {
    for (const { watch } of this.#folders.values()) watch.stop();
    this.#folders.clear();
  }

  /** Returns the watched folder of a path. Begins to watch it if necessary, and throws a system error when it cannot be watched. */
  #folder(path: string): Folder {
    const at = dirname(path);
    const stats = statOf(at);
    const key = stats && keyOf(identityOf(stats));
    const known = this.#folders.get(at);
    if (known?.key === key && known) return known;
    // The path now leads to another folder, so the old watch has ended.
    if (known) this.#failed(known);
    const folder: Folder = {
      path: at,
      key,
      watch: this.#newWatch({
        changed: (renamed, name) => this.#changed(folder, renamed, name),
        failed: () => this.#failed(folder),
      }),
      listeners: new Map(),
    };
    folder.watch.start(join(at, basename(path)));
    this.#folders.set(at, folder);
    return folder;
  }

  #changed({ path, listeners }: Folder, renamed: boolean, name: string | null): void {
    const names = name === null ? [...listeners.keys()] : [name, ...logsOf(name)];
    const heard = names.flatMap((log) => [...(listeners.get(log) ?? [])]);
    for (const events of heard) events.changed(renamed, name);
    if (renamed && (name === null || heard.length === 0)) this.#appeared(path, name);
  }

  #failed(folder: Folder): void {
    this.#end(folder);
    const heard = [...folder.listeners.values()].flatMap((listeners) => [...listeners]);
    folder.listeners.clear();
    for (const events of heard) events.failed();
  }

  #leave(folder: Folder, name: string, events: DirectoryEvents): void {
    const listeners = folder.listeners.get(name);
    listeners?.delete(events);
    if (listeners?.size === 0) folder.listeners.delete(name);
    if (folder.listeners.size === 0) this.#end(folder);
  }

  #end(folder: Folder): void {
    folder.watch.stop();
    if (this.#folders.get(folder.path) === folder) this.#folders.delete(folder.path);
  }
}
