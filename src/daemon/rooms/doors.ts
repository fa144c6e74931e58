// Makes the functions that Court calls. Besides walk/court.ts, only this file calls decide, record or enforce.
import type { Enforcer } from '../../actions/enforce.ts';
import type { Judge } from '../../decision/decide.ts';
import type { Ledger } from '../../ledger/record.ts';
import type { Doors } from '../../walk/court.ts';
import type { Scope } from '../../words/firewall.ts';
import type { Ban } from '../../words/walk.ts';

/** The objects that the functions use. */
interface DoorRooms {
  /** Returns the current judge. This function is called for each batch, so that a reload can replace the judge between two batches. */
  readonly judge: () => Judge;
  readonly ledger: Ledger;
  /** Undefined in a dry run, which has no firewall. */
  readonly enforcer: Pick<Enforcer, 'enforce'> | undefined;
  /** True: `record` throws LedgerError while the ledger cannot be written. False: `record` keeps verdicts in memory for that time. */
  readonly strict: boolean;
}

/** Makes the function that finds out why a ban is not in the firewalls of its jail yet, see `Enforcer.owes`. A dry run owes nothing. */
export function owesOf(
  enforcer: Pick<Enforcer, 'owes'> | undefined,
  scopes: () => readonly Scope[],
): (ban: Pick<Ban, 'network' | 'jail'>) => string | null | undefined {
  return ({ network, jail }) => {
    const holders = scopes().filter(({ without }) => !without.has(jail));
    return enforcer?.owes(
      network,
      holders.map(({ action }) => action),
    );
  };
}

/** Makes the functions for these objects. */
export function doorsOf({ judge, ledger, enforcer, strict }: DoorRooms): Doors {
  return {
    decide: (hits, past) => judge().decide(hits, past),
    takeBack: () => judge().takeBack(),
    past: ledger.past,
    record: (verdicts, cursor) => (strict ? ledger.recordStrictly(verdicts, cursor) : ledger.record(verdicts, cursor)),
    recordBans: (bans) => ledger.recordBans(bans),
    changesAfter: (ended) => ledger.changesAfter(ended),
    enforce: async (changes) => enforcer?.enforce(changes),
  };
}
