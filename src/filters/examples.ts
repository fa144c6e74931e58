// A filter's own examples, run as tests: what `trapline check` and the test suite tell of a filter file.
import type { Batch, Hit } from '../types.ts';
import type { Example, Filter } from './load.ts';

/** Near the lines of the examples only when they have a year; nothing but the address, rule and fields is compared. */
const AT = Date.UTC(2026, 0, 1);

/**
 * Runs the examples of a filter through `match`, which has all its rules on; one problem for each example that comes out otherwise, as
 * `file:line:col: what`. Fields that an example does not name are not looked at.
 */
export function runExamples(filter: Filter, match: (batch: Batch) => readonly Hit[]): readonly string[] {
  return filter.examples.flatMap((example) => {
    const bytes = Buffer.from(`${example.line}\n`, 'utf8');
    const [hit] = match({ source: 'example', bytes, at: AT, cursor: undefined });
    const wrong = difference(example, hit);
    return wrong === undefined ? [] : [`${example.where}: example ${wrong}`];
  });
}

function difference(example: Example, hit: Hit | undefined): string | undefined {
  const { expected } = example;
  if (!expected) return hit && `found ${hit.address} by rule "${hit.rule}", expected no hit`;
  if (!hit) return `found no hit, expected ${expected.address} by rule "${expected.rule}"`;
  if (hit.address !== expected.address) return `found ${hit.address}, expected ${expected.address}`;
  if (hit.rule !== expected.rule) return `found by rule "${hit.rule}", expected "${expected.rule}"`;
  const field = Object.entries(expected.fields).find(([name, value]) => hit.fields[name] !== value);
  return field && `found ${field[0]} ${JSON.stringify(hit.fields[field[0]] ?? null)}, expected ${JSON.stringify(field[1])}`;
}
