import { beforeEach, describe, expect, it } from 'vitest';
import { Health } from '../../../src/actions/queue/health.ts';
import { ActionError } from '../../../src/errors.ts';
import { KeptLog, network } from '../../support/actions/words.ts';

const down = new ActionError('nft: Operation not permitted');
const refused = (...texts: string[]) => texts.map((text) => ({ network: network(text), because: 'no room' }));

describe('the health of an action', () => {
  let log: KeptLog;
  let health: Health;
  beforeEach(() => {
    log = new KeptLog();
    health = new Health({ name: 'fw', log: log.log, clock: () => 1_764_000_000_000, backoff: (failures) => 1000 * failures });
  });

  it('has no error at first', () => {
    expect([health.failing, health.lastError]).toEqual([false, null]);
  });

  it('has an error after a failed call, and a pause that grows with each failure', () => {
    health.failed(down);
    expect([health.failing, health.lastError, health.pause]).toEqual([true, down.message, 1000]);
    health.failed(down);
    health.failed(down);
    expect(health.pause).toBe(3000);
    expect(log.lines).toEqual([`error: fw: ${down.message}; changes are pending, next try in 1s`]);
  });

  it('logs each new error once, and marks an unexpected error', () => {
    health.failed(down);
    health.failed(new TypeError('x is not a function'));
    expect(log.lines[1]).toBe('error: fw: x is not a function (unexpected); changes are pending, next try in 2s');
  });

  it('has no error after a successful call, logs a notice, and begins again with the shortest pause', () => {
    health.failed(down);
    health.failed(down);
    health.worked(false);
    expect([health.failing, health.lastError]).toEqual([false, null]);
    expect(log.lines.at(-1)).toBe('notice: fw: works again');
    health.failed(down);
    expect(health.pause).toBe(1000);
    expect(log.lines).toHaveLength(3);
  });

  it('logs no notice for a success that follows another success', () => {
    health.worked(false);
    health.worked(false);
    expect(log.lines).toEqual([]);
  });

  it('logs refused elements once, and is not failing because of them', () => {
    for (let call = 0; call < 2; call += 1) {
      health.refused(refused('192.0.2.1', '192.0.2.2', '192.0.2.3'));
      health.worked(true);
    }
    expect([health.failing, health.lastError, health.pause]).toEqual([false, 'no room (192.0.2.1 and 2 more)', 2000]);
    expect(log.lines).toEqual(['warn: fw: no room (192.0.2.1 and 2 more); not in force, will be tried again']);
    health.refused(refused('192.0.2.1'));
    expect(log.lines.at(-1)).toBe('warn: fw: no room (192.0.2.1); not in force, will be tried again');
  });

  it('keeps its error after successful calls until the refused elements are accepted', () => {
    health.refused(refused('192.0.2.1'));
    health.worked(true);
    health.refused([]);
    health.worked(true);
    expect([health.lastError, health.pause]).toEqual(['no room (192.0.2.1)', 1000]);
    health.worked(false);
    expect(health.lastError).toBeNull();
    health.refused(refused('192.0.2.1'));
    expect(health.pause).toBe(1000);
  });
});
