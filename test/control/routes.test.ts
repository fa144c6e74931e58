import { describe, expect, it } from 'vitest';
import { callControl } from '../../src/control/call.ts';
import { ConfigError, LedgerError } from '../../src/errors.ts';
import { forReaders, memoryDesk, STATUS } from '../support/control/desk.ts';
import { freshPlace, place, serve } from '../support/control/place.ts';
import { answerIn, askRaw, bodyIn, get, openRaw, post } from '../support/http/raw.ts';
import type { BanRow } from '../../src/words/desk.ts';

freshPlace();

const ROW: BanRow = {
  network: '192.0.2.7',
  jail: 'manual',
  since: STATUS.since,
  until: null,
  offence: 1,
  origin: 'hand',
  reason: '',
};

describe('a request', () => {
  it.each([
    [
      'an unknown path',
      get('/v1/nothing'),
      404,
      '"/v1/nothing" is not known, try one of GET /v1/status, GET /v1/bans, POST /v1/bans, DELETE /v1/bans, POST /v1/reload, POST /v1/hits',
    ],
    [
      "a path that is the name of an object's property",
      get('/constructor'),
      404,
      '"/constructor" is not known, try one of GET /v1/status, GET /v1/bans, POST /v1/bans, DELETE /v1/bans, POST /v1/reload, POST /v1/hits',
    ],
    ['an unknown method', post('/v1/status', ''), 405, '"POST" is not allowed at /v1/status, use GET'],
    ['an unknown parameter', get('/v1/bans?withn=192.0.2.0/24'), 400, 'unknown parameter "withn", known parameters: within'],
    ['a repeated parameter', get('/v1/bans?within=::1&within=::2'), 400, 'parameter "within" is given twice, give it once'],
    ['an invalid network', get('/v1/bans?within=192.0.2.7/24'), 400, '"192.0.2.7/24": host bits set, did you mean "192.0.2.0/24"?'],
    ['a body that is not JSON', post('/v1/bans', 'networks=192.0.2.7'), 400, 'body: not JSON'],
    ['an empty body', post('/v1/bans', ''), 400, 'body: not JSON'],
    ['a JSON array instead of an object', post('/v1/bans', '[1]'), 400, 'body: Invalid input: expected object, received array'],
    ['an unknown key', post('/v1/bans', '{"networks":[],"tme":1}'), 400, 'body: Unrecognized key: "tme"'],
    [
      'a wrong value',
      post('/v1/bans', '{"networks":[1]}'),
      400,
      'body: "networks.0": Invalid input: expected string, received number',
    ],
    [
      'a negative span of time',
      post('/v1/bans', '{"networks":["::1"],"duration":-5}'),
      400,
      'body: "duration": Too small: expected number to be >=1',
    ],
    [
      'a network that is too long',
      post('/v1/bans', `{"networks":["${'1'.repeat(100)}"]}`),
      400,
      'body: "networks.0": longer than any address',
    ],
    ['an invalid switch', post('/v1/hits?from-now=yes', ''), 400, 'parameter "from-now" is "yes", write 1 or 0'],
  ])('with %s is refused in one line', async (_, bytes, status, error) => {
    await serve();
    const answer = await askRaw(place.socket, bytes);
    expect(answer).toEqual({ status, body: { error, exitCode: 64 } });
  });

  it('S07: that has a text instead of an address bans nothing, and the answer quotes the text with escapes', async () => {
    const desk = memoryDesk();
    await serve(desk);
    for (const text of ['192.0.2.1; id', '-s', '\u001b[2J\u202e', '192.0.2.1\n192.0.2.2', '192.0.2.1 192.0.2.2']) {
      const answer = await askRaw(place.socket, post('/v1/bans', JSON.stringify({ networks: ['192.0.2.7', text] })));
      expect(answer).toEqual({
        status: 400,
        body: { error: expect.stringMatching(/^"[^\p{Cc}\p{Bidi_Control}]*": not an address or network$/u), exitCode: 64 },
      });
    }
    expect(desk.held.size).toBe(0);
  });

  it.each([
    [
      'a faulty configuration',
      new ConfigError('trapline.yaml:1:1: unknown key'),
      422,
      { error: 'trapline.yaml:1:1: unknown key', exitCode: 78 },
    ],
    ['a ledger that cannot be written', new LedgerError('disk full'), 503, { error: 'disk full', exitCode: 69 }],
  ])('that fails because of %s is answered with the reason', async (_, thrown, status, body) => {
    const { lines } = await serve(memoryDesk({ reload: () => Promise.reject(thrown) }));
    expect(await askRaw(place.socket, post('/v1/reload', ''))).toEqual({ status, body });
    expect(lines).toEqual([]);
  });

  it('that meets a bug in the daemon is answered, and the daemon logs the bug and continues', async () => {
    const { lines } = await serve(memoryDesk({ reload: () => Promise.reject(new TypeError('x is\nundefined')) }));
    const body = { error: 'a bug in the daemon, see its log: x is; undefined', exitCode: 1 };
    expect(await askRaw(place.socket, post('/v1/reload', ''))).toEqual({ status: 500, body });
    expect(lines).toEqual([expect.stringMatching(/^error: a request failed, please report this: TypeError: x is/)]);
    expect(await callControl(place.socket).status()).toEqual(STATUS);
  });

  it('is answered with the complete text of attackers, in escaped form', async () => {
    const reason = '\u001b[31m\u009b\u202egood\u2028';
    await serve();
    await callControl(place.socket).ban({ networks: ['192.0.2.7'], reason });
    const connection = await openRaw(place.socket, get('/v1/bans'));
    await connection.closed;
    expect(bodyIn(connection.received())).toMatch(/^[^\p{Cc}\p{Bidi_Control}\u2028]*\n$/u);
    expect(answerIn(connection.received()).body).toMatchObject({ bans: [{ reason }] });
  });

  it.each([
    ['a list of all bans', get('/v1/bans'), 4001],
    ['a ban', post('/v1/bans', '{"networks":["192.0.2.7"]}'), 4001],
    ['an unban', Buffer.from(String(post('/v1/bans', '{"all":true}')).replace('POST', 'DELETE')), 4001],
    ['a list of the bans in a network', get('/v1/bans?within=192.0.2.0/24'), 1],
  ])('for %s is answered completely, in pages if there are many bans', async (_, bytes, count) => {
    const rows = Array.from({ length: 4001 }, (__, n) => ({ ...ROW, network: `10.0.${n >> 8}.${n & 255}` }));
    const bans = (within?: string): Iterable<readonly BanRow[]> =>
      within === undefined ? [rows.slice(0, 1), [], rows.slice(1)] : [[ROW]];
    await serve(memoryDesk({ bans, ban: async () => rows, unban: async () => rows }));
    const connection = await openRaw(place.socket, bytes);
    await connection.closed;
    expect(/\r\nTransfer-Encoding: chunked\r\n/.test(connection.received())).toBe(count > 1);
    const { body } = answerIn(connection.received()) as { body: { bans: readonly BanRow[] } };
    expect(body.bans).toHaveLength(count);
    expect(body.bans.at(-1)).toEqual(count === 1 ? ROW : rows.at(-1));
  });

  it('for the bans in a network passes on the network unchanged', async () => {
    const asked: (string | undefined)[] = [];
    await serve(memoryDesk({ bans: (within) => (asked.push(within), []) }));
    for (const path of ['/v1/bans', '/v1/bans?', '/v1/bans?within=', '/v1/bans?within=2001%3ADB8::/32'])
      await askRaw(place.socket, get(path));
    expect(asked).toEqual([undefined, undefined, '', '2001:DB8::/32']);
  });
});

describe('a request on a socket for readers', () => {
  it.each([
    ['GET', '/v1/status', 200],
    ['GET', '/v1/bans', 200],
    ['POST', '/v1/bans', 403],
    ['DELETE', '/v1/bans', 403],
    ['POST', '/v1/reload', 403],
    ['POST', '/v1/hits', 403],
    ['PUT', '/v1/bans', 405],
    ['POST', '/v1/nothing', 404],
  ])('with %s %s is answered with %d', async (method, path, status) => {
    await serve(forReaders(memoryDesk()));
    expect(await askRaw(place.socket, String(post(path, '{}')).replace('POST', method))).toMatchObject({ status });
  });
});
