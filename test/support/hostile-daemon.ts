// The daemon in this process, with everything that it says kept: its log, and what the print action writes.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { startDaemon } from '../../src/daemon/daemon.ts';
import { createLog } from '../../src/lib/log.ts';
import { trapline, type Ran } from './command-line.ts';

/** A running daemon that follows one log file. */
export class InnerDaemon {
  readonly folder = mkdtempSync(join(tmpdir(), 'trapline-inner-'));
  readonly mailLog = this.at('mail.log');
  readonly socket = this.at('control.sock');
  readonly config = this.at('trapline.yaml');
  /** Lines of its log, of every level. */
  readonly said: string[] = [];
  /** What it wrote to standard output: the print action. */
  readonly printed: string[] = [];
  #stop: () => Promise<void> = async () => {};

  /** A file in its folder. */
  at(name: string): string {
    return join(this.folder, name);
  }

  /** Writes its configuration: places, and whatever else (YAML); control is that of the folder unless named. */
  configure(more: string): void {
    const control = /^control:/m.test(more) ? '' : `control: {socket: ${this.socket}}\n`;
    const level = /^log_level:/m.test(more) ? '' : 'log_level: debug\n';
    const places = `sources: [{type: file, path: ${this.mailLog}, from: start}]\nstate: ${this.at('trapline.db')}\n`;
    writeFileSync(this.config, `${places}${control}${level}${more}`);
  }

  /** Starts it; `more` is configuration besides places (YAML). */
  async start(more = 'actions: [print]\n'): Promise<void> {
    writeFileSync(this.mailLog, '');
    this.configure(more);
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => this.printed.push(String(text)) > 0);
    const config = loadConfig(this.config);
    const daemon = await startDaemon({
      config,
      readConfig: async () => loadConfig(this.config),
      log: createLog(config.logLevel, false, (line) => this.said.push(line)),
      clock: Date.now,
      version: '0.1.0',
      notify: async () => {},
    });
    this.#stop = async () => {
      await daemon.stop();
      spy.mockRestore();
    };
  }

  /** Adds to the log that it follows. */
  write(bytes: Buffer | string): void {
    appendFileSync(this.mailLog, bytes);
  }

  /** Runs a command that asks this daemon. */
  command(...words: string[]): Promise<Ran> {
    return trapline([...words, '--config', this.config]);
  }

  /** Ends it and removes its folder. */
  async end(): Promise<void> {
    await this.#stop();
    this.#stop = async () => {};
    rmSync(this.folder, { recursive: true, force: true });
  }
}
