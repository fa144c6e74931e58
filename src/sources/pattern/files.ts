// Records which log is read from which file. A file is identified by its key, because its name may change.

/** The file of each log, and the log of each file. */
export class FileNames {
  readonly #logs = new Map<string, string>();
  readonly #files = new Map<string, string>();

  /** The log that was last read from this file; undefined: none. */
  logOf(file: string): string | undefined {
    return this.#logs.get(file);
  }

  /** Notes the file from which a log is read now. It replaces the former file of the log. */
  set(log: string, file: string): void {
    if (this.#files.get(log) !== file) this.delete(log);
    this.#files.set(log, file);
    this.#logs.set(file, log);
  }

  /** Forgets a log. */
  delete(log: string): void {
    const file = this.#files.get(log);
    if (file === undefined) return;
    this.#files.delete(log);
    if (this.#logs.get(file) === log) this.#logs.delete(file);
  }
}
