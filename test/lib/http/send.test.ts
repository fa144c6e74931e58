import { describe, expect, it } from 'vitest';
import { LedgerError, UsageError } from '../../../src/errors.ts';
import { PagedList } from '../../../src/lib/http/send.ts';
import { answerIn, askRaw, get, openRaw, post } from '../../support/http/raw.ts';
import { freshPlace, place, served } from '../../support/http/served.ts';

freshPlace();

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const list = (pages: Iterable<readonly unknown[]>) => () => new PagedList('rows', pages);

const numbers = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, index) => from + index);

/** Returns the pages, and then throws an error instead of the next page. */
function* failing(pages: readonly (readonly unknown[])[], thrown: Error): Generator<readonly unknown[]> {
  yield* pages;
  throw thrown;
}

/** Endless pages of 2000 numbers. `made` is the number of pages so far; `ended` is true when no more pages will be requested. */
function endless() {
  const state = { made: 0, ended: false };
  const pages = function* (): Generator<readonly number[]> {
    try {
      for (;;) {
        state.made += 1;
        yield numbers(state.made * 2000, 2000);
      }
    } finally {
      state.ended = true;
    }
  };
  return { state, pages };
}

describe('a value', () => {
  it('is sent as one line of JSON, with its length in bytes', async () => {
    await served(() => ({ word: 'größe' }));
    const connection = await openRaw(place.socket, get('/'));
    await connection.closed;
    expect(connection.received()).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: application\/json\r\ncontent-length: 19\r\n/);
    expect(answerIn(connection.received()).body).toEqual({ word: 'größe' });
  });

  it('has its terminal control characters escaped', async () => {
    await served(() => '\u001b[2J\u202e');
    const connection = await openRaw(place.socket, get('/'));
    await connection.closed;
    expect(connection.received()).toMatch(/\r\n\r\n"\\u001b\[2J\\u202e"\n$/);
  });

  it('reaches a client that is still sending, before the connection is closed', async () => {
    await served(() => 'refused', { grace: 20 });
    const connection = await openRaw(place.socket, post('/', 'x', 'Content-Length: 1000000000\r\n'));
    const send = setInterval(() => connection.socket.write(Buffer.alloc(1_000_000)), 1);
    await connection.closed;
    clearInterval(send);
    expect(answerIn(connection.received())).toEqual({ status: 200, body: 'refused' });
  });

  it('is followed by the end of the connection when the rest of a late body has arrived', async () => {
    await served(() => 'early', { grace: 20_000 });
    const connection = await openRaw(place.socket, post('/', 'x', 'Content-Length: 2\r\n'));
    await expect.poll(() => connection.received()).toMatch(/"early"\n$/);
    connection.socket.write('x');
    await connection.closed;
  });
});

describe('a list', () => {
  it.each([
    ['no page', [], []],
    ['an empty page', [[]], []],
    ['one page', [[1, 2]], [1, 2]],
    ['pages between empty pages', [[], [1], [], [2], []], [1, 2]],
    ['a page that is converted to text in three steps', [numbers(0, 4001)], numbers(0, 4001)],
    ['pages of 2000', [numbers(0, 2000), numbers(2000, 2000)], numbers(0, 4000)],
  ])('with %s is sent completely', async (_, pages, rows) => {
    await served(list(pages));
    expect(await askRaw(place.socket, get('/'))).toEqual({ status: 200, body: { rows } });
  });

  it.each([
    ['has a length header if it is one page', [[1, 2]], /\r\nContent-Length: 15\r\n/],
    ['is sent in chunks if it has more pages', [[1], [2]], /\r\nTransfer-Encoding: chunked\r\n/],
  ])('%s', async (_, pages, header) => {
    await served(list(pages));
    const connection = await openRaw(place.socket, get('/'));
    await connection.closed;
    expect(connection.received()).toMatch(header);
    expect(answerIn(connection.received())).toEqual({ status: 200, body: { rows: [1, 2] } });
  });

  it('has its terminal control characters escaped', async () => {
    await served(list([['\u009b']]));
    const connection = await openRaw(place.socket, get('/'));
    await connection.closed;
    expect(connection.received()).toContain('["\\u009b"]');
  });

  it.each([
    ['first', []],
    ['second', [[1]]],
  ])('leads to an error answer when its %s page fails, because no byte was sent before', async (_, pages) => {
    await served(list(failing(pages, new UsageError('no such network'))));
    expect(await askRaw(place.socket, get('/'))).toEqual({ status: 400, body: { error: 'no such network', exitCode: 64 } });
  });

  it.each([
    ['an expected error is not logged', new LedgerError('cannot be read'), []],
    ['a bug is logged', new TypeError('x is undefined'), [expect.stringMatching(/^error: a request failed, please report this: /)]],
  ])('is aborted when a later page fails, and %s', async (_, thrown, logged) => {
    const { lines } = await served(list(failing([[1], [2]], thrown)));
    const connection = await openRaw(place.socket, get('/'));
    await connection.closed;
    expect(connection.received()).toMatch(/\r\n\{"rows":\[1\r\n$/);
    expect(lines).toEqual(logged);
  });

  it('does not delay the answers to other requests', async () => {
    const { state, pages } = endless();
    let seen = 0;
    await served((request) => {
      if (request.url === '/list') return new PagedList('rows', pages());
      return (seen = state.made);
    });
    const connection = await openRaw(place.socket, get('/list'));
    await expect.poll(() => state.made).toBeGreaterThan(2);
    expect(await askRaw(place.socket, get('/other'))).toMatchObject({ status: 200 });
    expect(seen).toBeGreaterThan(2);
    connection.socket.destroy();
  });

  it('is produced only as fast as the client reads it', async () => {
    const { state, pages } = endless();
    await served(list(pages()));
    const connection = await openRaw(place.socket, get('/'));
    connection.socket.pause();
    await expect.poll(() => state.made).toBeGreaterThan(2);
    for (let turn = 0; turn < 1000; turn += 1) await nextTurn();
    const last = state.made;
    expect(last).toBeLessThan(500);
    connection.socket.resume();
    await expect.poll(() => state.made).toBeGreaterThan(last + 10);
    connection.socket.destroy();
  });

  it('has only as many entries of a page converted to text as the client reads', async () => {
    let made = 0;
    const entry = { toJSON: () => ((made += 1), 'x'.repeat(10_000)) };
    await served(list([Array.from({ length: 5000 }, () => entry)]));
    const connection = await openRaw(place.socket, get('/'));
    connection.socket.pause();
    await expect.poll(() => made).toBeGreaterThan(0);
    for (let turn = 0; turn < 1000; turn += 1) await nextTurn();
    expect(made).toBeLessThan(500);
    connection.socket.resume();
    await connection.closed;
    expect(made).toBe(5000);
    expect((answerIn(connection.received()).body as { rows: unknown[] }).rows).toHaveLength(5000);
  });

  it('has its turn while the lists of other clients wait, so that few pages are in memory', async () => {
    const made: string[] = [];
    const pages = function* (name: string): Generator<readonly number[]> {
      for (let page = 0; page < 64; page += 1) {
        made.push(name);
        yield numbers(page * 2000, 2000);
      }
    };
    await served((request) => new PagedList('rows', pages(request.url ?? '')));
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => askRaw(place.socket, get(path))));
    for (const { body } of answers) expect((body as { rows: unknown[] }).rows).toHaveLength(128_000);
    expect(made).toHaveLength(192);
    expect(made.filter((name, index) => index > 0 && name !== made[index - 1]).length).toBeLessThan(48);
  });

  it('lets the lists of other clients have their turns while its client reads nothing', async () => {
    const { state, pages } = endless();
    await served((request) => new PagedList('rows', request.url === '/endless' ? pages() : [[1], [2]]));
    const connection = await openRaw(place.socket, get('/endless'));
    connection.socket.pause();
    await expect.poll(() => state.made).toBeGreaterThan(2);
    expect(await askRaw(place.socket, get('/'))).toEqual({ status: 200, body: { rows: [1, 2] } });
    connection.socket.destroy();
  });

  it('is abandoned when the client does not read a page in time', async () => {
    const { state, pages } = endless();
    const { server } = await served(list(pages()), { pageTime: 50 });
    const connection = await openRaw(place.socket, get('/'));
    connection.socket.pause();
    await expect.poll(() => state.ended).toBe(true);
    await expect.poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
    connection.socket.destroy();
  });

  it.each([
    ['while the client reads', false],
    ['while the server waits for the client', true],
  ])('is abandoned when the client disconnects %s', async (_, paused) => {
    const { state, pages } = endless();
    await served(list(pages()));
    const connection = await openRaw(place.socket, get('/'));
    if (paused) connection.socket.pause();
    await expect.poll(() => state.made).toBeGreaterThan(0);
    connection.socket.destroy();
    await expect.poll(() => state.ended).toBe(true);
    expect(await askRaw(place.socket, 'nonsense\r\n\r\n')).toMatchObject({ status: 400 });
  });
});
