// Runs Trapline as one of the measured programs (contender.mjs): dist/main.cjs of this checkout, with its ledger on a disk.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD, MAIN } from './backfill.mjs';
import { Contender, addressOf } from './contender.mjs';

const silent = () => {};

/** Trapline with nftables. */
export class Trapline extends Contender {
  name = 'trapline';

  async prepare() {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing, run "npm run build"`);
    await super.prepare();
    const text = [
      `sources: [{ type: file, path: '${this.log}' }]`,
      'actions: [nftables]',
      'defaults: { bantime: 4h }',
      'log_level: notice',
    ];
    writeFileSync(join(this.folder, 'trapline.yaml'), `${text.join('\n')}\n`);
  }

  launch() {
    const at = (name) => join(this.folder, name);
    const places = ['--config', at('trapline.yaml'), '--state', at('trapline.db'), '--socket', at('control.sock')];
    return this.spawn([process.execPath, MAIN, 'run', ...places]);
  }

  /** Writes `count` bans to the ledger. The program must not be running. */
  async putBans(count) {
    const { Ledger } = await import(join(BUILD, 'ledger', 'record.js'));
    const log = { debug: silent, info: silent, notice: silent, warn: silent, error: silent };
    const ledger = Ledger.open(join(this.folder, 'trapline.db'), { log, clock: Date.now });
    const since = Date.now();
    const ban = { jail: 'spamtrap', since, until: since + 4 * 3_600_000, offence: 1, origin: 'log', reason: 'recipient' };
    ledger.unban('all');
    ledger.recordBans(Array.from({ length: count }, (_, n) => ({ ...ban, network: `${addressOf(n + 1)}/32` })));
    ledger.close();
  }
}
