// The daemon in this process, with a clock that the test turns, over nftables in a network namespace of its own.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { startDaemon, type Daemon } from '../../src/daemon/daemon.ts';
import type { BanRow, Controls, Log, Millis } from '../../src/types.ts';
import { Namespace } from './actions-wire.ts';
import { trapLine } from './faults-daemon.mjs';

const SHIPPED = join(import.meta.dirname, '..', '..', 'actions', 'nftables.yaml');

/** One daemon. */
export class Inside {
  readonly folder = mkdtempSync(join(tmpdir(), 'trapline-inside-'));
  readonly lines: string[] = [];
  /** Milliseconds that its clock is ahead of ours. */
  ahead: Millis = 0;
  readonly #namespace = new Namespace('i');
  readonly #log = join(this.folder, 'mail.log');
  #daemon: Daemon | undefined;

  /** What operators can ask of it. */
  get controls(): Controls {
    if (!this.#daemon) throw new Error('not started');
    return this.#daemon.controls;
  }

  /** Starts it with this configuration (YAML) besides the places. */
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

  /** A client mails a trap, by its clock. */
  hit(client: string): void {
    appendFileSync(this.#log, trapLine(client, { at: Date.now() + this.ahead, number: this.lines.length }));
  }

  bans(): readonly BanRow[] {
    return this.controls.bans();
  }

  /** Clients in the firewall, with the seconds that are left. */
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
