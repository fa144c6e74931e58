// Remembers how far each file of a log was read. The key of a file is its device, inode and time of birth, because rotation renames files.
import { fstatSync } from 'node:fs';
import { errnoOf } from '../../errors.ts';
import { placeOf, type Cursor } from './place.ts';
import { Progress } from './progress.ts';
import { bornAt, closeAll, openRotated, type Opened } from './rotation.ts';

/** A file that was missing in this number of directory scans is forgotten. A single scan can miss a file that is just being renamed. */
export const SCANS = 64;

/** The largest number of truncated files whose copies are awaited. Beyond this number the oldest file is given up. */
const AWAITED = 8;

/**
 * After a truncation, this number of reads checks whether the file was rewritten with its old lines. One read is not enough, because a writer
 * may need several writes.
 */
const REWRITES = 3;

/** Returns the cursor of another log that was last read from the file with this key. Undefined: no other log was read from it. */
export type LeftAt = (key: string) => Cursor | undefined;

/** A truncated file. `progress` shows how far it was read. `tries` is the number of reads that will still check whether it was rewritten. */
interface Truncated {
  readonly progress: Progress;
  readonly key: string;
  tries: number;
}

/** The files of one log that are not being read now. */
export class KnownFiles {
  /** The progress of each file by its key; undefined for a file that must not be read. */
  readonly #files = new Map<string, Progress | undefined>();
  /** The truncated files of which no copy has been found yet. */
  #truncated: Truncated[] = [];
  readonly #sighted = new Set<string>();
  #scans = 0;
  readonly #saw: (key: string) => void;
  readonly #leftAt: LeftAt | undefined;

  /** `saw` is called for the key of each file that a scan finds. */
  constructor(saw: (key: string) => void, leftAt?: LeftAt) {
    this.#saw = saw;
    this.#leftAt = leftAt;
  }

  /** Excludes the files with these keys from reading. */
  ignore(keys: readonly string[]): void {
    for (const key of keys) this.#files.set(key, undefined);
  }

  /** Remembers how far a file was read when reading left it. Bytes that are added to the file later are read from that offset. */
  leave(key: string, progress: Progress): void {
    this.#files.set(key, progress);
  }

  /** Remembers how far a file had been read when it was truncated. When a scan finds a copy of the file, the copy is read from that offset. */
  awaitCopy(progress: Progress, key: string): void {
    this.#truncated = [...this.#truncated, { progress, key, tries: REWRITES }].slice(-AWAITED);
  }

  /**
   * Checks whether a truncated file was rewritten, and again holds the lines that were read from it before. If so, returns its progress,
   * moved behind these lines, and no longer waits for a copy of the file.
   */
  regained(file: Opened): Progress | undefined {
    const before = this.#truncated.findLast(({ key, tries }) => key === file.key && tries > 0);
    if (!before) return undefined;
    before.tries -= 1;
    if (!before.progress.shift(file.fd)) return undefined;
    this.#truncated = this.#truncated.filter((truncated) => truncated !== before);
    return before.progress;
  }

  /** True while the copy of this truncated file is awaited. */
  awaits(progress: Progress): boolean {
    return this.#truncated.some((truncated) => truncated.progress === progress);
  }

  /** True while the copy of at least one truncated file is awaited. */
  get awaitsAny(): boolean {
    return this.#truncated.length > 0;
  }

  /** The progress of a file; undefined for an unknown file. */
  progress(key: string): Progress | undefined {
    return this.#files.get(key);
  }

  /**
   * Returns the place in a file at which reading begins. This is the place at which reading of the file stopped before, for this log or for
   * another log of the pattern. For a new file it is the start. `before` is the file that was read until now. If that file was deleted and the
   * new file holds its lines, as after `sed -i`, reading begins after these lines.
   */
  progressIn(file: Opened, cut: () => void, before?: { readonly fd: number; readonly progress: Progress }): Progress {
    const { key, fd, size } = file;
    const known = this.#files.get(key);
    if (!known && before && fstatSync(before.fd).nlink === 0 && before.progress.goesOnIn(fd, size)) return before.progress;
    const cursor = known ? undefined : this.#leftAt?.(key);
    const place = cursor && placeOf(fd, size, cursor);
    return known ?? new Progress(cut, { ...(place && { place }), ended: bornAt(file) });
  }

  /** The number of bytes of a file that have been read. */
  offset(key: string): number {
    return this.#files.get(key)?.place.offset ?? 0;
  }

  /** True for a file whose bytes have all been read. False for an empty file, because it may still be filled. */
  isRead(file: Opened): boolean {
    return file.size > 0 && file.size <= this.offset(file.key);
  }

  /**
   * Scans the directory for rotated files that may hold unread lines, and returns them opened. Leaves out a file if `skip` is true for its
   * key. Undefined: the system is short of descriptors or memory, and the scan has to be repeated.
   */
  openUnread(path: string, skip: (key: string) => boolean): Opened[] | undefined {
    const files = this.#openRotated(path, (key) => {
      this.#sighted.add(key);
      this.#saw(key);
      return skip(key) || (this.#files.has(key) && this.#files.get(key) === undefined);
    });
    if (!files) return undefined;
    const unread = files.filter((file) => this.#recognise(file));
    closeAll(files.filter((file) => !unread.includes(file)));
    this.#forgetUnseen(skip);
    return unread;
  }

  #openRotated(path: string, skip: (key: string) => boolean): Opened[] | undefined {
    try {
      return openRotated(path, skip);
    } catch (thrown) {
      if (errnoOf(thrown) === undefined) throw thrown;
      return undefined;
    }
  }

  /**
   * Recognises the copy of a truncated file. Returns false for a copy that holds fewer bytes than were read of the original: it has no unread
   * lines. Returns true for any other file.
   */
  #recognise(file: Opened): boolean {
    if (this.#files.has(file.key)) return true;
    const alike = this.#truncated.map(({ progress }) => progress).filter(({ place }) => place.beginsLike(file.fd, file.size));
    const whole = alike.find(({ place }) => file.size >= place.offset && place.isIn(file.fd));
    const original = whole ?? alike.find(({ place }) => file.size < place.offset);
    if (!original) return true;
    this.#truncated = this.#truncated.filter(({ progress }) => progress !== original);
    this.#files.set(file.key, whole);
    return whole !== undefined;
  }

  /** After every 64 scans, forgets the files that none of these scans found. */
  #forgetUnseen(skip: (key: string) => boolean): void {
    this.#scans = (this.#scans + 1) % SCANS;
    if (this.#scans > 0) return;
    for (const key of this.#files.keys()) if (!this.#sighted.has(key) && !skip(key)) this.#files.delete(key);
    this.#sighted.clear();
  }
}
