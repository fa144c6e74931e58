// Takes the lines of containers from entries of the journal, which Docker (log driver journald) and conmon of Podman have sent.
import { lineOf, type JournalEntry } from './entry.ts';

/** Where the programs are installed that send the lines of containers, and the unit of Docker. */
const PROGRAM =
  /^\/(?:usr\/(?:local\/)?(?:s?bin|libexec\/podman|lib\/podman|lib\/cri-o-runc)|snap\/docker\/[^/]{1,16}\/bin)\/(?<name>dockerd|conmon)$/;
const DOCKER_UNIT = /^(?:snap\.docker\.dockerd|docker)\.service$/;

/** Fields of an entry that holds a part of a line (moby's daemon/logger/journald; conmon writes the first of them). */
const PART = ['CONTAINER_PARTIAL_MESSAGE', 'CONTAINER_PARTIAL_ID', 'CONTAINER_PARTIAL_ORDINAL', 'CONTAINER_PARTIAL_LAST'];

/** The containers whose entries count. */
export class Containers {
  readonly #names: ReadonlySet<string>;
  /** The streams of containers whose last entry was a part of a line that goes on. */
  readonly #unfinished = new Set<string>();

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  /** True if no container has been named. */
  get none(): boolean {
    return this.#names.size === 0;
  }

  /**
   * Returns the line that a container has written, as a record of the CRI log format with the time of the entry. Undefined for an entry that
   * none of these containers has written, and for a part of a line. Must be called with every entry of the journal, in order.
   *
   * An entry counts if root has sent it with dockerd in the unit of Docker, or with conmon. journald takes these fields from the kernel.
   * The name of the container comes from the program that has sent the entry.
   */
  lineOf(entry: JournalEntry): Buffer | undefined {
    const { CONTAINER_NAME: name, PRIORITY: priority } = entry;
    if (typeof name !== 'string' || !this.#names.has(name) || !isOfRuntime(entry)) return undefined;
    const stream = `${name} ${typeof priority === 'string' ? priority : ''}`;
    const isContinued = this.#unfinished.has(stream);
    const isPart = PART.some((field) => entry[field] !== undefined);
    if (entry['CONTAINER_PARTIAL_MESSAGE'] === 'true') this.#unfinished.add(stream);
    else this.#unfinished.delete(stream);
    const line = isPart || isContinued ? undefined : lineOf(entry)?.toString('latin1');
    const date = line?.slice(0, line.indexOf(' '));
    return line === undefined ? undefined : Buffer.from(`${date} stdout F ${line.slice(line.indexOf(': ') + 2)}`, 'latin1');
  }
}

function isOfRuntime({ _UID: uid, _COMM: program, _EXE: path, _SYSTEMD_UNIT: unit }: JournalEntry): boolean {
  if (uid !== '0' || (program !== 'dockerd' && program !== 'conmon')) return false;
  const found = typeof path === 'string' ? PROGRAM.exec(path)?.groups?.['name'] : undefined;
  if (found !== program) return false;
  return program === 'conmon' || (typeof unit === 'string' && DOCKER_UNIT.test(unit));
}
