// Runs the daemon in this process, with a clock that the test sets, and with nftables in a network namespace of its own.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load.ts';
import { startDaemon, type Daemon } from '../../../src/daemon/daemon.ts';
import type { BanRow } from '../../../src/words/desk.ts';
import type { Log, Millis } from '../../../src/words/ports.ts';
import { Namespace } from '../actions/wire.ts';
import { trapLine } from './daemon.mjs';

const SHIPPED = join(import.meta.dirname, '..', '..', '..', 'actions', 'nftables.yaml');

/** One daemon with its folder and namespace. */
export class Inside {
  readonly folder = mkdtempSync(join(tmpdir(), 'trapline-inside-'));
  readonly lines: string[] = [];
  /** The milliseconds by which the clock of the daemon is ahead of the clock of the machine. */
  ahead: Millis = 0;
  readonly #namespace = new Namespace('i');
  readonly #log = join(this.folder, 'mail.log');
  #daemon: Daemon | undefined;

  /** The running daemon. */
  get daemon(): Daemon {
    if (!this.#daemon) throw new Error('not started');
    return this.#daemon;
  }

  /** Starts the daemon. `configuration` (YAML) is added to the paths in its configuration. */
  async start(configuration = ''): Promise<void> {
    const file = join(this.folder, 'trapline.yaml');
    mkdirSync(join(this.folder, 'actions'));
    const inside = this.#namespace.inside().join(', ');
    const action = readFileSync(SHIPPED, 'utf8').replaceAll('argv: [nft', `argv: [${inside}, nft`);
    writeFileSync(join(this.folder, 'actions', 'inside.yaml'), action.replace('name: nftables', 'name: inside'));
    writeFileSync(this.#log, '');
    writeFileSync(
      file,
      [
        `sources: [{ type: file, path: '${this.#log}', from: start }]`,
        `state: '${join(this.folder, 'trapline.db')}'`,
        `control: { socket: '${join(this.folder, 'control.sock')}' }`,
        `actions_folder: '${join(this.folder, 'actions')}'`,
        'actions: [inside]',
        configuration,
      ].join('\n'),
    );
    const keep = (text: string): void => void this.lines.push(text);
    const log: Log = { debug() {}, info() {}, notice: keep, warn: keep, error: keep };
    const readConfig = async (): Promise<ReturnType<typeof loadConfig>> => loadConfig(file);
    const clock = (): Millis => Date.now() + this.ahead;
    this.#daemon = await startDaemon({ config: loadConfig(file), readConfig, log, clock, version: '0', notify: async () => {} });
  }

  /** Writes the line of a client that mails a trap, with the time of the clock of the daemon. `number` distinguishes lines of one second. */
  hit(client: string, number = this.lines.length): void {
    appendFileSync(this.#log, trapLine(client, { at: Date.now() + this.ahead, number }));
  }

  bans(): readonly BanRow[] {
    return [...this.daemon.reports.bans()].flat();
  }

  /** The clients in the firewall, with the seconds until each entry ends. */
  firewall(): ReadonlyMap<string, number> {
    const { nftables } = JSON.parse(this.#namespace.run('nft', '-j', 'list', 'set', 'inet', 'trapline', 'ipv4_32')) as {
      nftables: { set?: { elem?: { elem: { val: string; expires: number } }[] } }[];
    };
    return new Map(nftables.flatMap(({ set }) => set?.elem ?? []).map(({ elem }) => [elem.val, elem.expires]));
  }

  async remove(): Promise<void> {
    await this.#daemon?.stop();
    this.#namespace.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
