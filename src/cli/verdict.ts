// How `trapline test` words what it found in a record, for people and for programs.
import { formatNetwork } from '../lib/address.ts';
import { formatDuration } from '../lib/duration.ts';
import { printable } from '../lib/printable.ts';
import type { Hit, Verdict } from '../types.ts';

/** What one record is, as `--json` prints it. `count` is there when the record says that the line before it came again. */
export function jsonOf(line: number, verdicts: readonly Verdict[]): Record<string, unknown> {
  const [verdict] = verdicts;
  if (!verdict) return { line, hit: false };
  const { address, jail, rule, at, fields } = verdict.hit;
  const count = verdicts.filter((one) => one.hit.jail === jail).length;
  return {
    line,
    hit: true,
    address,
    jail,
    rule,
    at: new Date(at).toISOString(),
    fields,
    verdict: verdict.kind,
    because: reasonOf(verdict),
    ...(count > 1 ? { count } : {}),
  };
}

/** What one record is, as people read it. */
export function textOf(line: number, verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return `${line}: no hit`;
  return verdicts.map((verdict) => `${line}: ${hitText(verdict.hit)} -> ${verdict.kind}: ${reasonOf(verdict)}`).join('\n');
}

function hitText(hit: Hit): string {
  const trap = hit.fields.trap === undefined ? '' : ` (${printable(hit.fields.trap, 80)})`;
  return `hit by ${hit.address}, rule ${hit.rule} of jail ${hit.jail}${trap}`;
}

/** Why a verdict is what it is, in words. */
function reasonOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'spare':
      return verdict.because;
    case 'watch':
      return `hit ${verdict.count} of ${verdict.maxretry}`;
    case 'held':
      return `${formatNetwork(verdict.network)} is banned already`;
    case 'ban': {
      const { network, since, until, offence } = verdict.ban;
      const length = until === null ? 'for ever' : `for ${formatDuration(until - since)}`;
      return `${formatNetwork(network)} ${length}, offence ${offence}${verdict.note === undefined ? '' : `, ${verdict.note}`}`;
    }
  }
}
