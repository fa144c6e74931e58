// Starts each contender (Trapline or a program that it is compared with) once and keeps it running. The contenders are measured in turn, so that
// other load on the machine affects all equally.
import { namespacesMissing } from './namespace.mjs';
import { has } from './peers.mjs';

/** Returns the reason why this machine cannot run the firewall benchmarks; undefined when it can. */
export function firewallMissing() {
  const missing = namespacesMissing();
  if (missing) return missing;
  const program = ['ip', 'nft', 'python3'].find((name) => !has(name));
  return program && `needs ${program}`;
}

/** Makes contenders, passes them to `use`, and then removes them. `makers` are functions. One that returns undefined adds no contender. */
export async function withContenders(makers, use) {
  const contenders = [];
  try {
    for (const make of makers) {
      const contender = make();
      if (!contender) continue;
      contenders.push(contender);
      await contender.prepare();
    }
    const result = await use(contenders);
    const lost = contenders.filter((contender) => contender.lost > 0).map(({ name }) => name);
    if (lost.length > 0) throw new Error(`the kernel dropped events for ${lost.join(', ')}: the measurement is invalid`);
    return result;
  } finally {
    for (const contender of contenders) await contender.remove();
  }
}

/** Returns a quantile: `share` (0 to 1) of all values are smaller than the result. */
export function percentile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
