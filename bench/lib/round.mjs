// Contenders that stay: each is started once, then all are asked in turn, so that what else the machine does hits them alike.
import { namespacesMissing } from './namespace.mjs';
import { has } from './peers.mjs';

/** Why the firewall benchmarks cannot be run here; undefined when they can. */
export function firewallMissing() {
  const missing = namespacesMissing();
  if (missing) return missing;
  const program = ['ip', 'nft', 'python3'].find((name) => !has(name));
  return program && `needs ${program}`;
}

/** Makes, uses and removes contenders. `makers` are functions; what comes to undefined is left out. */
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
    if (lost.length > 0) throw new Error(`the kernel dropped announcements for ${lost.join(', ')}: void`);
    return result;
  } finally {
    for (const contender of contenders) await contender.remove();
  }
}

/** The value below which so many (0 to 1) of all lie. */
export function percentile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
