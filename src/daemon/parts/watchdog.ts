// Sends WATCHDOG=1 to the supervisor while the event loop runs (sd_notify(3)).
import type { Part } from '../house.ts';
import { every } from './every.ts';

/** Sends WATCHDOG=1 at an interval, if the supervisor expects it. */
export const watchdogPart: Part = {
  name: 'watchdog',
  async start({ watchdogInterval, notify, log }) {
    if (watchdogInterval === undefined) return () => {};
    return every(watchdogInterval, log, () => void notify('WATCHDOG=1'));
  },
};
