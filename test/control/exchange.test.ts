import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { callControl } from '../../src/control/call.ts';
import { LedgerError, messageOf, UsageError } from '../../src/errors.ts';
import type { Address } from '../../src/lib/address.ts';
import type { Hit } from '../../src/words/walk.ts';
import { memoryDesk, ZERO } from '../support/control/desk.ts';
import { freshPlace, place, refusal, refusalText, serve } from '../support/control/place.ts';

freshPlace();

const hit = (number: number, rest: Partial<Hit> = {}): Hit => ({
  jail: 'spamtrap',
  rule: 'recipient',
  address: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}` as Address,
  at: 1_800_000_000_000 + number,
  key: number.toString(16).padStart(16, '0'),
  fields: { trap: 'trap@example.org', sender: '', helo: 'a\u0000\u202e"\n' },
  ...rest,
});

async function* inBunches(count: number, size: number): AsyncGenerator<readonly Hit[]> {
  for (let from = 0; from < count; from += size) {
    yield Array.from({ length: Math.min(size, count - from) }, (_, index) => hit(from + index));
  }
}

async function* once(...hits: readonly Hit[]): AsyncGenerator<readonly Hit[]> {
  yield hits;
}

async function* silent(): AsyncGenerator<readonly Hit[]> {
  yield [hit(1)];
  await new Promise(() => {});
}

describe('hits that are sent to the daemon', () => {
  it('arrive unchanged', async () => {
    const desk = memoryDesk();
    await serve(desk);
    const hits = [
      hit(1),
      hit(2, { address: '2001:db8::7' as Address, fields: {} }),
      hit(3, { fields: { trap: '\ud83c half', other: 'x' } }),
    ];
    expect(await callControl(place.socket).judge(once(...hits), { fromNow: false })).toEqual({ ...ZERO, hits: 3 });
    expect(desk.hits).toEqual([hits[0], hits[1], hits[2]]);
  });

  it.each([true, false])('arrive with the option fromNow: %s', async (fromNow) => {
    const told: boolean[] = [];
    await serve(
      memoryDesk({
        judge: async (bunches, options) => {
          told.push(options.fromNow);
          for await (const _ of bunches);
          return ZERO;
        },
      }),
    );
    await callControl(place.socket).judge(once(), { fromNow });
    expect(told).toEqual([fromNow]);
  });

  it('can be a hundred thousand in one stream', async () => {
    const desk = memoryDesk();
    await serve(desk);
    expect(await callControl(place.socket).judge(inBunches(100_000, 500), { fromNow: false })).toMatchObject({ hits: 100_000 });
    expect(desk.hits.at(-1)).toEqual(hit(99_999));
  });

  it('are generated only as fast as the daemon reads them', async () => {
    let made = 0;
    let judged = 0;
    let furthest = 0;
    await serve(
      memoryDesk({
        judge: async (bunches) => {
          for await (const bunch of bunches) {
            await new Promise((resolve) => {
              setImmediate(resolve);
            });
            judged += bunch.length;
            furthest = Math.max(furthest, made - judged);
          }
          return { ...ZERO, hits: judged };
        },
      }),
    );
    async function* counted(): AsyncGenerator<readonly Hit[]> {
      for await (const bunch of inBunches(50_000, 500)) {
        made += bunch.length;
        yield bunch;
      }
    }
    expect(await callControl(place.socket).judge(counted(), { fromNow: false })).toMatchObject({ hits: 50_000 });
    expect(furthest).toBeLessThan(20_000);
  });

  it('S07: are refused when one of them has a text instead of an address, and no hit of the same bunch is used', async () => {
    const desk = memoryDesk();
    await serve(desk);
    for (const text of ['192.0.2.1; id', '-s', '192.0.2.0/24', '\u001b[2J']) {
      const bad = hit(2, { address: text as Address });
      const refused = await refusal(callControl(place.socket).judge(once(hit(1), bad), { fromNow: false }));
      expect(messageOf(refused)).toMatch(/^line 2: "address": "[^\p{Cc}]*": not an address$/u);
    }
    expect(desk.hits).toEqual([]);
  });

  it.each([
    ['an invalid name of a jail', { jail: '../x' }, 'line 1: "jail": not the name of a jail'],
    ['an invalid key', { key: 'x' }, 'line 1: "key": not a key of 16 hexadecimal digits'],
    ['an invalid time', { at: Number.NaN }, 'line 1: "at": Invalid input: expected number, received null'],
    [
      'a field that is not a text',
      { fields: { trap: 5 } as never },
      'line 1: "fields.trap": Invalid input: expected string, received number',
    ],
  ])('are refused with %s', async (_, rest, words) => {
    await serve();
    const refused = await refusal(callControl(place.socket).judge(once(hit(1, rest)), { fromNow: false }));
    expect(refused).toBeInstanceOf(UsageError);
    expect(messageOf(refused)).toBe(words);
  });

  it('are not sent any more after the daemon has refused them', async () => {
    await serve(memoryDesk({ judge: () => Promise.reject(new LedgerError('disk full')) }));
    let made = 0;
    async function* endless(): AsyncGenerator<readonly Hit[]> {
      for (;;) {
        made += 1;
        yield [hit(made)];
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    }
    expect(await refusalText(callControl(place.socket).judge(endless(), { fromNow: false }))).toBe('disk full');
    const then = made;
    await callControl(place.socket).status();
    expect(made - then).toBeLessThan(20);
  });

  it('are refused at once, even while the client waits for its next hit', async () => {
    await serve(memoryDesk({ judge: () => Promise.reject(new LedgerError('disk full')) }));
    expect(await refusalText(callControl(place.socket).judge(silent(), { fromNow: false }))).toBe('disk full');
  });

  it('are an incomplete request for the daemon when the client fails before the last hit', async () => {
    const ended: unknown[] = [];
    let begun = false;
    await serve(
      memoryDesk({
        judge: async (bunches) => {
          begun = true;
          try {
            for await (const _ of bunches);
          } catch (thrown) {
            ended.push(messageOf(thrown));
            throw thrown;
          }
          return ZERO;
        },
      }),
    );
    async function* broken(): AsyncGenerator<readonly Hit[]> {
      yield [hit(1)];
      await expect.poll(() => begun).toBe(true);
      throw new Error('the log has a hole');
    }
    expect(await refusalText(callControl(place.socket).judge(broken(), { fromNow: false }))).toBe('the log has a hole');
    await expect.poll(() => ended).toEqual(['the request is incomplete, its remaining part was not received']);
  });

  it('count as not taken when the answer comes before the last of them', async () => {
    await serve(memoryDesk({ judge: async () => ZERO }));
    const refused = await refusal(callControl(place.socket).judge(silent(), { fromNow: false }));
    expect(messageOf(refused)).toMatch(/the answer came before all hits were sent/);
    expect(refused).toMatchObject({ exitCode: 69 });
  });

  it.each([
    ['that sends no answer', (socket: Socket) => socket.resume(), () => once(hit(1))],
    ['that reads nothing', (socket: Socket) => socket.pause(), () => inBunches(1_000_000, 500)],
  ])('are not sent for ever to a program %s', async (_, serveIt, hits) => {
    const sockets = new Set<Socket>();
    const other = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      serveIt(socket);
    });
    await new Promise<void>((resolve) => {
      other.listen(place.socket, resolve);
    });
    const refused = await refusal(callControl(place.socket, { time: 200 }).judge(hits(), { fromNow: false }));
    for (const socket of sockets) socket.destroy();
    other.close();
    expect(messageOf(refused)).toBe(`${place.socket}: no answer within 0.2 s`);
    expect(refused).toMatchObject({ exitCode: 69 });
  });

  it('are refused when no daemon runs', async () => {
    expect(await refusalText(callControl(place.socket).judge(inBunches(10, 1), { fromNow: false }))).toMatch(
      /no daemon answers on this socket$/,
    );
  });
});
