import { describe, expect, it } from 'vitest';
import { Parts } from '../../../src/sources/envelope/parts.ts';
import { dockerRecord } from '../../support/sources/envelopes.ts';

const long = dockerRecord('x'.repeat(16_384));
const end = dockerRecord('end\n');

const cri = (tag: string): string => `2026-11-28T17:00:00.467434244Z stdout ${tag} x`;

/** The numbers of the lines that continue a line. */
function continued(parts: Parts, lines: readonly string[]): number[] {
  const offsets = parts.continued(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  let offset = 0;
  return lines.flatMap((line, index) => {
    const found = offsets.has(offset) ? [index] : [];
    offset += line.length + 1;
    return found;
  });
}

describe('the further parts of lines', () => {
  it('are the records behind a record without a newline, up to a record with a newline', () => {
    expect(continued(new Parts(), [end, long, long, end, end])).toEqual([2, 3]);
  });

  it('are remembered from one batch to the next', () => {
    const parts = new Parts();
    expect(continued(parts, [long])).toEqual([]);
    expect(parts.open).toBe(true);
    expect(continued(parts, [end, end])).toEqual([0]);
    expect(parts.open).toBe(false);
  });

  it('may be the last line of a log, without a newline', () => {
    expect(new Parts().continued(Buffer.from(`${long}\n${end}`))).toEqual(new Set([long.length + 1]));
  });

  it('do not end with a line that is no record', () => {
    expect(continued(new Parts(), [long, 'plain', '{"a":1}', '{', end])).toEqual([4]);
  });

  it('may belong to any stream behind a record that is too long to be read', () => {
    const cut = dockerRecord('<'.repeat(16_384)).slice(0, 65_536);
    expect(continued(new Parts(), [cut, end, dockerRecord('end\n', 'stderr'), end])).toEqual([1, 2]);
  });

  it('of Kubernetes are the records behind a tag P, which may have further tags behind it', () => {
    expect(continued(new Parts(), [cri('P:a'), cri('P'), cri('F'), cri('F')])).toEqual([1, 2]);
  });
});
