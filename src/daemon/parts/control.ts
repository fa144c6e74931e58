// Opens the sockets of the daemon: one for commands and, when configured, one for readers, which refuses requests that change anything.
import { serveControl, type Control } from '../../control/serve.ts';
import type { Log, Millis } from '../../words/ports.ts';
import type { Part } from '../house.ts';
import { every, reporterOf } from './every.ts';

/** The interval at which the path of a socket is checked. Another program may remove a socket, for example when it cleans up /run. */
const INTERVAL: Millis = 5_000;

/** Serves reports and orders. */
export const controlPart: Part = {
  name: 'control',
  async start({ config, reports, orders, log }) {
    return kept(await serveControl({ reports, orders }, config.control, log), log);
  },
};

/** Serves only reports, to the group of readers. */
export const readersPart: Part = {
  name: 'readers',
  async start({ config, reports, log }) {
    const { readers } = config.control;
    if (!readers) return () => {};
    return kept(await serveControl({ reports, orders: undefined }, { ...readers, mode: 0o660 }, log), log);
  },
};

/** Makes a socket again whenever its path has vanished. Returns a function that closes the socket. */
function kept(control: Control, log: Log): () => Promise<void> {
  const report = reporterOf(log);
  const stop = every(INTERVAL, log, () => void control.renew().catch(report));
  return async () => {
    stop();
    await control.close();
  };
}
