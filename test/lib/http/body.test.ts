import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { BodyRoom, readBody, readLines } from '../../../src/lib/http/body.ts';
import { messageOf } from '../../../src/errors.ts';
import { answerIn, askRaw, openRaw, post } from '../../support/http/raw.ts';
import { freshPlace, place, served } from '../../support/http/served.ts';

freshPlace();

/** A time limit that no test reaches. */
const LONG = 20_000;

const CHUNKED = 'Transfer-Encoding: chunked\r\n';

const whole =
  (longest: number, time = LONG) =>
  (request: IncomingMessage) =>
    readBody(request, { longest, time });

/** Returns the lines of a request, with a list for each piece in which the body arrived. */
async function pieces(request: IncomingMessage, longest = 1024, silence = LONG): Promise<(readonly string[])[]> {
  const all: (readonly string[])[] = [];
  for await (const lines of readLines(request, { longest, silence, advice: 'send less' })) all.push(lines);
  return all;
}

const lines = async (request: IncomingMessage): Promise<readonly string[]> => (await pieces(request)).flat();

describe('readBody', () => {
  it.each([
    ['a body', post('/', 'größe'), 'größe'],
    ['no body', post('/', ''), ''],
    ['a body in chunks', post('/', '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n', CHUNKED), 'abc'],
  ])('reads %s', async (_, bytes, body) => {
    await served(whole(1024));
    expect(await askRaw(place.socket, bytes)).toEqual({ status: 200, body });
  });

  it('joins a character that arrives in two pieces', async () => {
    await served(whole(1024));
    const connection = await openRaw(place.socket, post('/', Buffer.from([0xc3]), 'Content-Length: 2\r\n'));
    connection.socket.write(Buffer.from([0xbc]));
    await connection.closed;
    expect(answerIn(connection.received())).toEqual({ status: 200, body: 'ü' });
  });

  it.each([
    ['with Content-Length', (length: number) => post('/', Buffer.alloc(length, 'x'))],
    ['in chunks', (length: number) => post('/', `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n0\r\n\r\n`, CHUNKED)],
  ])('accepts a body of the greatest length, and refuses a body with one byte more (%s)', async (_, bytes) => {
    await served(whole(1024));
    expect(await askRaw(place.socket, bytes(1024))).toEqual({ status: 200, body: 'x'.repeat(1024) });
    const error = 'body of more than 1 KiB, split the request';
    expect(await askRaw(place.socket, bytes(1025))).toEqual({ status: 413, body: { error, exitCode: 64 } });
  });

  it('refuses a body before it arrives when its announced length is too large', async () => {
    await served(whole(1024));
    expect(await askRaw(place.socket, post('/', '', 'Content-Length: 1025\r\n'))).toMatchObject({ status: 413 });
  });

  it('refuses a body that takes too long, even when its pieces arrive steadily', async () => {
    await served(whole(1024, 200), { grace: 10 });
    const connection = await openRaw(place.socket, post('/', 'x', 'Content-Length: 1000\r\n'));
    const drip = setInterval(() => connection.socket.write('x'), 20);
    await connection.closed;
    clearInterval(drip);
    expect(connection.received()).toMatch(/^HTTP\/1\.1 408 [^]*the request took too long to arrive, send it again/);
  });

  it('refuses a long body while others take all of the room, and reads a short one', async () => {
    const room = new BodyRoom(50_000);
    await served((request) => readBody(request, { longest: 100_000, time: LONG, room }));
    const long = 'x'.repeat(60_000);
    const waiting = await openRaw(place.socket, post('/', long, 'Content-Length: 60001\r\n'));
    const isTaken = (): boolean => {
      const taken = room.take(10_000);
      if (taken) room.give(10_000);
      return !taken;
    };
    await expect.poll(isTaken).toBe(true);
    const error = 'other clients are sending long requests at the moment, try again';
    expect(await askRaw(place.socket, post('/', long))).toEqual({ status: 503, body: { error, exitCode: 69 } });
    expect(await askRaw(place.socket, post('/', 'short'))).toEqual({ status: 200, body: 'short' });
    waiting.socket.write('x');
    await waiting.closed;
    expect(answerIn(waiting.received())).toMatchObject({ status: 200 });
    expect(await askRaw(place.socket, post('/', long))).toEqual({ status: 200, body: long });
  });

  it('rejects when the client disconnects', async () => {
    let thrown: unknown;
    await served((request) => readBody(request, { longest: 1024, time: LONG }).catch((error: unknown) => void (thrown = error)));
    const connection = await openRaw(place.socket, post('/', 'half', 'Content-Length: 8\r\n'));
    connection.socket.end();
    await expect.poll(() => messageOf(thrown)).toBe('the request is incomplete, its remaining part was not received');
    connection.socket.destroy();
  });
});

describe('readLines', () => {
  it.each([
    ['lines', 'a\nb\n', ['a', 'b', '']],
    ['a last line without a newline', 'a\nb', ['a', 'b']],
    ['no line', '', ['']],
    ['empty lines', '\n\n', ['', '', '']],
  ])('reads %s', async (_, text, expected) => {
    await served(lines);
    expect(await askRaw(place.socket, post('/', text))).toEqual({ status: 200, body: expected });
  });

  it('returns the lines of a piece before the next piece arrives', async () => {
    const seen: string[] = [];
    await served(async (request) => {
      for await (const some of readLines(request, { longest: 1024, silence: LONG, advice: '' })) seen.push(...some);
    });
    const connection = await openRaw(place.socket, post('/', 'a\nb', 'Content-Length: 4\r\n'));
    await expect.poll(() => seen).toEqual(['a']);
    connection.socket.write('\n');
    await connection.closed;
    expect(seen).toEqual(['a', 'b', '']);
  });

  it('refuses a line that is too long, with advice', async () => {
    await served((request) => pieces(request));
    const error = 'a line of more than 1 KiB, send less';
    const refused = { status: 400, body: { error, exitCode: 64 } };
    expect(await askRaw(place.socket, post('/', 'x'.repeat(1025)))).toEqual(refused);
    expect(await askRaw(place.socket, post('/', 'x'.repeat(1024)))).toMatchObject({ status: 200 });
  });

  it('has no limit for the total of all lines', async () => {
    await served(async (request) => (await lines(request)).length);
    expect(await askRaw(place.socket, post('/', `${'x'.repeat(1024)}\n`.repeat(10_000)))).toEqual({ status: 200, body: 10_001 });
  });

  it('refuses a body of which no further byte arrives in time', async () => {
    await served((request) => pieces(request, 1024, 100), { grace: 10 });
    const connection = await openRaw(place.socket, post('/', '2\r\na\n\r\n', CHUNKED));
    await connection.closed;
    expect(connection.received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('reads only as fast as the caller requests lines', async () => {
    let read = 0;
    const gate = new EventEmitter();
    const held = once(gate, 'go');
    await served(async (request) => {
      for await (const some of readLines(request, { longest: 1024, silence: LONG, advice: '' })) {
        read += some.length;
        await held;
      }
      return read;
    });
    const connection = await openRaw(place.socket, post('/', `${'x'.repeat(99)}\n`.repeat(80_000)));
    await expect.poll(() => read).toBeGreaterThan(0);
    const first = read;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(read).toBe(first);
    expect(connection.socket.writableLength).toBeGreaterThan(1_000_000);
    gate.emit('go');
    await connection.closed;
    expect(connection.received()).toMatch(/\r\n80001\n$/);
  });
});
