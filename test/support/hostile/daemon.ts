// Runs a daemon in this process, and keeps its log and the output of the print action.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { startDaemon } from '../../../src/daemon/daemon.ts';
import { createLog } from '../../../src/lib/text/log.ts';
import { trapline, type Ran } from '../cli/command-line.ts';

/** A running daemon that follows one log file. */
export class InnerDaemon {
  readonly folder = mkdtempSync(join(tmpdir(), 'trapline-inner-'));
  readonly mailLog = this.at('mail.log');
  readonly socket = this.at('control.sock');
  readonly config = this.at('trapline.yaml');
  /** The lines of its log, of every level. */
  readonly said: string[] = [];
  /** The output of the print action. */
  readonly printed: string[] = [];
  /** The messages of the daemon to its supervisor. */
  readonly notified: string[] = [];
  #stop: () => Promise<void> = async () => {};

  /** The path of a file in the folder. */
  at(name: string): string {
    return join(this.folder, name);
  }

  /** Writes the configuration: the paths in the folder, and the given text (YAML). An option that the text sets is left out of the paths. */
  configure(more: string): void {
    const control = /^control:/m.test(more) ? '' : `control: {socket: ${this.socket}}\n`;
    const level = /^log_level:/m.test(more) ? '' : 'log_level: debug\n';
    const sources = /^sources:/m.test(more) ? '' : `sources: [{type: file, path: ${this.mailLog}, from: start}]\n`;
    const state = /^state:/m.test(more) ? '' : `state: ${this.at('trapline.db')}\n`;
    writeFileSync(this.config, `${sources}${state}${control}${level}${more}`);
  }

  /** Starts the daemon. `more` (YAML) is added to the paths in its configuration. */
  async start(more = 'actions: [print]\n'): Promise<void> {
    writeFileSync(this.mailLog, '');
    this.configure(more);
    await this.#begin();
  }

  /** Stops the daemon, and starts it again with its ledger and configuration. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#begin();
  }

  async #begin(): Promise<void> {
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => this.printed.push(String(text)) > 0);
    const config = loadConfig(this.config);
    const daemon = await startDaemon({
      config,
      readConfig: async () => loadConfig(this.config),
      log: createLog(config.logLevel, false, (line) => this.said.push(line)),
      clock: Date.now,
      version: '0.1.0',
      notify: async (state) => void this.notified.push(state),
    });
    this.#stop = async () => {
      await daemon.stop();
      spy.mockRestore();
    };
  }

  /** Appends to the log file that the daemon follows. */
  write(bytes: Buffer | string): void {
    appendFileSync(this.mailLog, bytes);
  }

  /** Runs a command that uses this daemon. */
  command(...words: string[]): Promise<Ran> {
    return trapline([...words, '--config', this.config]);
  }

  /** Stops the daemon and removes the folder. */
  async end(): Promise<void> {
    await this.#stop();
    this.#stop = async () => {};
    rmSync(this.folder, { recursive: true, force: true });
  }
}
