// Opens the sockets of the daemon: one for commands and, when configured, one for readers, which refuses requests that change anything.
import { serveControl } from '../../control/serve.ts';
import type { Part } from '../house.ts';

/** Serves reports and orders. */
export const controlPart: Part = {
  name: 'control',
  async start({ config, reports, orders, log }) {
    const control = await serveControl({ reports, orders }, config.control, log);
    return () => control.close();
  },
};

/** Serves only reports, to the group of readers. */
export const readersPart: Part = {
  name: 'readers',
  async start({ config, reports, log }) {
    const { readers } = config.control;
    if (!readers) return () => {};
    const control = await serveControl({ reports, orders: undefined }, { ...readers, mode: 0o660 }, log);
    return () => control.close();
  },
};
