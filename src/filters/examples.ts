// Runs the examples of a filter file as tests, for `trapline check` and for the test suite.
import type { Batch, Hit } from '../words/walk.ts';
import type { CompiledFilter, Example } from './file/load.ts';

/** The time of the batch. It need not be near the times of the lines, because times of hits are not compared. */
const AT = Date.UTC(2026, 0, 1);

/**
 * Runs the examples of a filter through `match`, in which all rules of the filter must be on. Returns a problem, as `file:line:col: text`,
 * for each example whose result differs from the expected result. Fields that an example does not name are not compared.
 */
export function runExamples(filter: CompiledFilter, match: (batch: Batch) => readonly Hit[]): readonly string[] {
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
