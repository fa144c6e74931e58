import { describe, expect, it } from 'vitest';
import { callControl } from '../../src/control/call.ts';
import { ConfigError, LedgerError } from '../../src/errors.ts';
import { deskControls, STATUS } from '../support/control-desk.ts';
import { freshPlace, place, serve } from '../support/control-place.ts';
import { answerIn, askRaw, get, openRaw, post } from '../support/control-raw.ts';

freshPlace();

describe('a request', () => {
  it.each([
    [
      'an unknown path',
      get('/v1/nothing'),
      404,
      '"/v1/nothing" is not known, try one of GET /v1/status, GET /v1/bans, POST /v1/bans, DELETE /v1/bans, POST /v1/reload, POST /v1/hits',
    ],
    [
      'a path out of an object',
      get('/constructor'),
      404,
      '"/constructor" is not known, try one of GET /v1/status, GET /v1/bans, POST /v1/bans, DELETE /v1/bans, POST /v1/reload, POST /v1/hits',
    ],
    ['an unknown method', post('/v1/status', ''), 405, '"POST" is not known at /v1/status, it knows GET'],
    ['an unknown parameter', get('/v1/bans?withn=192.0.2.0/24'), 400, 'unknown parameter "withn", known here: within'],
    ['a parameter twice', get('/v1/bans?within=::1&within=::2'), 400, 'parameter "within" is there twice, give it once'],
    [
      'a network that is none',
      get('/v1/bans?within=192.0.2.7/24'),
      400,
      '"192.0.2.7/24": host bits set, did you mean "192.0.2.0/24"?',
    ],
    ['no JSON', post('/v1/bans', 'networks=192.0.2.7'), 400, 'body: not JSON'],
    ['no body', post('/v1/bans', ''), 400, 'body: not JSON'],
    ['another JSON', post('/v1/bans', '[1]'), 400, 'body: Invalid input: expected object, received array'],
    ['an unknown key', post('/v1/bans', '{"networks":[],"tme":1}'), 400, 'body: Unrecognized key: "tme"'],
    [
      'a wrong value',
      post('/v1/bans', '{"networks":[1]}'),
      400,
      'body: "networks.0": Invalid input: expected string, received number',
    ],
    [
      'a negative span',
      post('/v1/bans', '{"networks":["::1"],"duration":-5}'),
      400,
      'body: "duration": Too small: expected number to be >=1',
    ],
    [
      'an endless network',
      post('/v1/bans', `{"networks":["${'1'.repeat(100)}"]}`),
      400,
      'body: "networks.0": longer than any address',
    ],
    ['no number for a switch', post('/v1/hits?from-now=yes', ''), 400, 'parameter "from-now" is "yes", write 1 or 0'],
  ])('with %s is refused in one line', async (_, bytes, status, error) => {
    await serve();
    const answer = await askRaw(place.socket, bytes);
    expect(answer).toEqual({ status, body: { error, exitCode: 64 } });
  });

  it('S07: with text where an address belongs bans nothing, and comes back escaped', async () => {
    const desk = deskControls();
    await serve(desk);
    for (const text of ['192.0.2.1; rm -rf /', '-s', '\u001b[2J\u202e', '192.0.2.1\n192.0.2.2', '192.0.2.1 192.0.2.2']) {
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
  ])('that fails for %s says so', async (_, thrown, status, body) => {
    const { lines } = await serve(deskControls({ reload: () => Promise.reject(thrown) }));
    expect(await askRaw(place.socket, post('/v1/reload', ''))).toEqual({ status, body });
    expect(lines).toEqual([]);
  });

  it('that meets a bug is answered, the bug is logged, and the daemon goes on', async () => {
    const { lines } = await serve(deskControls({ reload: () => Promise.reject(new TypeError('x is\nundefined')) }));
    const body = { error: 'a bug in the daemon, see its log: x is; undefined', exitCode: 1 };
    expect(await askRaw(place.socket, post('/v1/reload', ''))).toEqual({ status: 500, body });
    expect(lines).toEqual([expect.stringMatching(/^error: a request failed, please report this: TypeError: x is/)]);
    expect(await callControl(place.socket).status()).toEqual(STATUS);
  });

  it('shows text of attackers escaped, and yet whole', async () => {
    const reason = '\u001b[31m\u009b\u202egood\u2028';
    await serve();
    await callControl(place.socket).ban({ networks: ['192.0.2.7'], reason });
    const connection = await openRaw(place.socket, get('/v1/bans'));
    await connection.closed;
    expect(connection.received().split('\r\n\r\n')[1]).toMatch(/^[^\p{Cc}\p{Bidi_Control}\u2028]*\n$/u);
    expect(answerIn(connection.received()).body).toMatchObject({ bans: [{ reason }] });
  });
});
