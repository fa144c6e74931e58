// Ends each ban when its time is over.
import { Expiry } from '../../ledger/record.ts';
import type { Part } from '../house.ts';
import { reporterOf } from './every.ts';

/** Ends bans within a second of their time. */
export const expiryPart: Part = {
  name: 'expiry',
  async start({ ledger, court, clock, log }) {
    const report = reporterOf(log);
    const expiry = new Expiry(ledger, {
      clock,
      log,
      ended: (bans) => void court.lift(bans, 'its time is over').catch(report),
    });
    expiry.start();
    return () => expiry.stop();
  },
};
