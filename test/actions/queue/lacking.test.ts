import { describe, expect, it } from 'vitest';
import { Lacking } from '../../../src/actions/queue/lacking.ts';
import { manyHosts, network } from '../../support/actions/words.ts';

const [A, B] = [network('192.0.2.1'), network('192.0.2.2')];

const closed = (): never => {
  throw new Error('closed');
};

describe('`Lacking`, which knows the bans that a firewall lacks', () => {
  it('counts every network as missing before the first sync, except networks that were set since', () => {
    const lacking = new Lacking();
    expect([lacking.has(A), lacking.count(() => manyHosts(7))]).toEqual([true, 7]);
    lacking.set(A);
    expect([lacking.has(A), lacking.has(B), lacking.count(() => manyHosts(7))]).toEqual([false, true, 6]);
    lacking.lifted(A);
    expect([lacking.has(A), lacking.count(() => manyHosts(7))]).toEqual([true, 7]);
  });

  it('counts nothing as missing after a sync, and then only what a comparison has missed', () => {
    const lacking = new Lacking();
    lacking.equal();
    expect([lacking.has(A), lacking.count(() => manyHosts(7))]).toEqual([false, 0]);
    lacking.found([A, B]);
    expect([lacking.has(A), lacking.count(() => manyHosts(7))]).toEqual([true, 2]);
    lacking.set(A);
    lacking.lifted(B);
    expect([lacking.has(A), lacking.has(B), lacking.count(() => manyHosts(7))]).toEqual([false, false, 0]);
  });

  it('counts every network as missing when a comparison does not determine which networks are missing', () => {
    const lacking = new Lacking();
    lacking.equal();
    lacking.found(undefined);
    expect(lacking.has(A)).toBe(true);
    expect(lacking.count(() => ({ sample: manyHosts(3), count: 5000 }))).toBe(5000);
  });

  it('counts no network when the ledger does not answer', () => {
    expect(new Lacking().count(closed)).toBe(0);
  });
});
