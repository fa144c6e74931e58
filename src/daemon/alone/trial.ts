// Opens a Court for `trapline test`. Its ledger is empty and in memory, and it has no firewall.
import type { Config } from '../../config/load.ts';
import { Ledger } from '../../ledger/record.ts';
import { Court } from '../../walk/court.ts';
import { doorsOf } from '../rooms/doors.ts';
import { buildAllowList, buildJudge, type Ports } from '../rooms/build.ts';

/** Opens the Court. Throws ConfigError for an allow-list that cannot be read. */
export function openTrial(config: Config, ports: Ports): { readonly court: Court; close(): void } {
  const judge = buildJudge(config, buildAllowList(config, ports.clock));
  // The clock always returns 0 (the year 1970), so that the ledger ends no ban. A ban from an old log is then in force for all later lines.
  const ledger = Ledger.open(':memory:', { log: ports.log, clock: () => 0 });
  const court = new Court(doorsOf({ judge: () => judge, ledger, enforcer: undefined, strict: true }), { ...ports, witnesses: [] });
  return { court, close: () => ledger.close() };
}
