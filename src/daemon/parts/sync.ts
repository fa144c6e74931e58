// Makes the firewall equal to the ledger again, at an interval and after a reload.
import type { Scope } from '../../words/firewall.ts';
import type { House, Part } from '../house.ts';
import { every } from './every.ts';

/** Compares the firewall with the ledger and repairs it, at the interval that the option `sync` gives. */
export function syncPart(): Part {
  let stop: (() => void) | undefined;
  const begin = (house: House): void => {
    stop = every(house.now.config.sync, house.log, () => sync(house));
  };
  return {
    name: 'sync',
    async start(house) {
      begin(house);
      return () => stop?.();
    },
    async reload(house) {
      const before = house.now.scopes;
      return () => {
        stop?.();
        begin(house);
        sync(house, changed(before, house.now.scopes));
      };
    },
  };
}

function sync({ enforcer, ledger }: House, whole?: ReadonlySet<string>): void {
  void enforcer.sync((action) => ledger.wanted(action), whole);
}

/** The actions whose jails have changed. */
function changed(before: readonly Scope[], now: readonly Scope[]): ReadonlySet<string> {
  return new Set(now.map(({ action }) => action).filter((name) => jailsOf(before, name) !== jailsOf(now, name)));
}

function jailsOf(scopes: readonly Scope[], name: string): string {
  return JSON.stringify([...(scopes.find(({ action }) => action === name)?.without ?? [])].toSorted());
}
