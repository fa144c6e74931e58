// Maintains the ledger in slices: purges rows beyond their retention, fills new tables, and ends bans early while there are too many.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Millis } from '../../words/ports.ts';
import type { House, Part } from '../house.ts';
import { every, reporterOf } from './every.ts';

/** The interval between two purges, each of at most about 2,000 rows. The next slice of the other work does not wait for this interval. */
const INTERVAL: Millis = 5_000;

/** Purges, fills and evicts, one slice at a time. */
export const tidyPart: Part = {
  name: 'tidy',
  async start(house) {
    const report = reporterOf(house.log);
    let filling = false;
    return every(INTERVAL, house.log, () => {
      house.ledger.purge();
      if (!filling) {
        filling = true;
        void fill(house)
          .catch(report)
          .finally(() => (filling = false));
      }
      void evict(house, report).catch(report);
    });
  },
};

/** Does the work on tables that was deferred at the start. It works in slices, so that bans can be recorded between two slices. */
async function fill({ ledger }: House): Promise<void> {
  while (ledger.fill()) await breathe();
}

async function evict({ ledger, court }: House, report: (thrown: unknown) => void): Promise<void> {
  for (let evicted = ledger.evict(); evicted.length > 0; evicted = ledger.evict()) {
    void court.lift(evicted, 'too many bans are in force, and this ban would have ended first').catch(report);
    await breathe();
  }
}
