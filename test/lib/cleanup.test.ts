import { describe, expect, it } from 'vitest';
import { Cleanup } from '../../src/lib/cleanup.ts';

const unexpected = (name: string, thrown: unknown): never => {
  throw new Error(`${name} was reported`, { cause: thrown });
};

describe('Cleanup', () => {
  it('runs its steps in reverse order, one after another', async () => {
    const done: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add('ledger', () => done.push('ledger'));
    cleanup.add('actions', async () => {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      done.push('actions');
    });
    cleanup.add('sources', () => done.push('sources'));
    await cleanup.run(1000, unexpected);
    expect(done).toEqual(['sources', 'actions', 'ledger']);
  });

  it('runs the remaining steps when a step fails, and reports the failure', async () => {
    const done: string[] = [];
    const reported: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add('first', () => done.push('first'));
    cleanup.add('rejects', () => Promise.reject(new Error('no')));
    cleanup.add('throws', () => {
      throw new Error('never');
    });
    await cleanup.run(1000, (name, thrown) => reported.push(`${name}: ${String(thrown)}`));
    expect(done).toEqual(['first']);
    expect(reported).toEqual(['throws: Error: never', 'rejects: Error: no']);
  });

  it('runs the remaining steps when a step does not end before the deadline', async () => {
    const done: string[] = [];
    const reported: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add('first', () => done.push('first'));
    cleanup.add('hangs', () => new Promise(() => {}));
    await cleanup.run(50, (name) => reported.push(name));
    expect({ done, reported }).toEqual({ done: ['first'], reported: ['hangs'] });
  });

  it('runs no step a second time', async () => {
    let count = 0;
    const cleanup = new Cleanup();
    cleanup.add('once', () => (count += 1));
    await cleanup.run(1000, unexpected);
    await cleanup.run(1000, unexpected);
    expect(count).toBe(1);
  });

  it('runs steps that were added during the run', async () => {
    const done: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add('outer', () => cleanup.add('inner', () => done.push('inner')));
    await cleanup.run(1000, unexpected);
    expect(done).toEqual(['inner']);
  });
});
