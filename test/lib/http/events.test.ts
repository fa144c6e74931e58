import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { nextOf } from '../../../src/lib/http/events.ts';

describe('nextOf', () => {
  it.each(['drain', 'close'])('resolves at the event %s if it comes first, and leaves no listener', async (event) => {
    const emitter = new EventEmitter();
    const waited = nextOf(emitter, ['drain', 'close']);
    emitter.emit(event);
    await waited;
    expect(emitter.eventNames()).toEqual([]);
  });

  it('ignores other events', async () => {
    const emitter = new EventEmitter();
    let over = false;
    const waited = nextOf(emitter, ['drain']).then(() => (over = true));
    emitter.emit('data');
    await new Promise(setImmediate);
    expect(over).toBe(false);
    emitter.emit('drain');
    expect(await waited).toBe(true);
  });
});
