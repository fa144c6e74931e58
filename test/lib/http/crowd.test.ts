import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Crowd } from '../../../src/lib/http/crowd.ts';

const PATIENCE = 1000;

/** A `Crowd` (the connections of a server) of at most two, with a clock that the test sets. */
const crowdOfTwo = () => {
  const time = { now: 0 };
  const closed: string[] = [];
  const crowd = new Crowd({ most: 2, patience: PATIENCE, clock: () => time.now, closed: (because) => closed.push(because) });
  const admit = (): Socket & { bytesRead: number } => {
    const socket = Object.assign(new PassThrough(), { bytesRead: 0, bytesWritten: 0 }) as unknown as Socket & { bytesRead: number };
    crowd.admit(socket);
    return socket;
  };
  return { crowd, time, closed, admit };
};

const request = (socket: Socket, complete: boolean): IncomingMessage => ({ socket, complete }) as IncomingMessage;

describe('Crowd', () => {
  it('accepts connections up to the limit', () => {
    const { crowd, closed, admit } = crowdOfTwo();
    expect([admit().destroyed, admit().destroyed, crowd.size]).toEqual([false, false, 2]);
    expect(closed).toEqual([]);
  });

  it('closes the new connection above the limit while no connection has been silent for long', () => {
    const { crowd, time, closed, admit } = crowdOfTwo();
    const held = [admit(), admit()];
    time.now = PATIENCE - 1;
    expect(admit().destroyed).toBe(true);
    expect([held.map(({ destroyed }) => destroyed), crowd.size]).toEqual([[false, false], 2]);
    expect(closed).toEqual(['more than 2 connections']);
  });

  it('closes the connection that has been silent the longest', () => {
    const { crowd, time, admit } = crowdOfTwo();
    const first = admit();
    const second = admit();
    time.now = 1;
    first.bytesRead += 1;
    crowd.look();
    time.now = PATIENCE + 1;
    expect(admit().destroyed).toBe(false);
    expect([first.destroyed, second.destroyed, crowd.size]).toEqual([false, true, 2]);
  });

  it('does not close a connection that has sent something since the last look', () => {
    const { time, admit } = crowdOfTwo();
    const [first, second] = [admit(), admit()];
    time.now = PATIENCE;
    first.bytesRead += 1;
    admit();
    expect([first.destroyed, second.destroyed]).toEqual([false, true]);
  });

  it('does not close a connection with a complete request that is being answered, but closes one with half a request', async () => {
    const { crowd, time, admit } = crowdOfTwo();
    const [whole, half] = [admit(), admit()];
    const gate = new PassThrough();
    const wait = (): Promise<unknown> => once(gate, 'end');
    void crowd.answering(request(half, false), wait);
    const answered = crowd.answering(request(whole, true), wait);
    time.now = PATIENCE;
    const third = admit();
    time.now = 2 * PATIENCE;
    expect([half.destroyed, whole.destroyed, third.destroyed]).toEqual([true, false, false]);
    gate.resume().end();
    await answered;
    time.now = 3 * PATIENCE;
    admit();
    expect(whole.destroyed).toBe(true);
  });

  it('forgets a connection that was closed', async () => {
    const { crowd, admit } = crowdOfTwo();
    const socket = admit();
    socket.destroy();
    await once(socket, 'close');
    expect(crowd.size).toBe(0);
  });
});
