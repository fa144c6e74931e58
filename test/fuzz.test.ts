import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadAction } from '../src/actions/enforce.ts';
import { duration, moment } from '../src/cli/flags.ts';
import { parseConfig } from '../src/config/load.ts';
import { callControl } from '../src/control/call.ts';
import { serveControl } from '../src/control/serve.ts';
import { AllowList } from '../src/decision/decide.ts';
import { ConfigError, SourceError, UsageError, type ExpectedError } from '../src/errors.ts';
import { createMatcher, loadFilter } from '../src/filters/match.ts';
import {
  containsNetwork,
  hostNetwork,
  networkFaultText,
  networkOf,
  parseAddress,
  parseNetwork,
  rangeOf,
  type Network,
} from '../src/lib/address.ts';
import { parseTimestamp } from '../src/lib/text/timestamp.ts';
import { openArchive, type ArchiveOptions } from '../src/sources/archive.ts';
import { keptLog, memoryDesk, STATUS } from './support/control/desk.ts';
import { openRaw, post } from './support/http/raw.ts';
import { batchOf, FILTERS, hitLine, matcherOf, NEAR, recordingLog, shipped } from './support/filters/lines.ts';
import { Chance, FUZZ, SEED, SPOILS } from './support/hostile/bytes.ts';
import { readRecords } from './support/sources/records.ts';
import { CHECKOUT } from './support/source-tree.ts';
import { inZone } from './support/zone.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const often = (runs: number): { numRuns: number; seed: number } => ({ numRuns: runs * FUZZ, seed: SEED });

const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 100 }));
const anyBytes = fc.uint8Array({ maxLength: 4000 }).map((bytes) => Buffer.from(bytes));

/** The message of the error of class `kind` that `work` throws, or an empty text if it throws none. Any other error fails the test. */
function refusal(kind: abstract new (...words: never[]) => ExpectedError, work: () => unknown): string {
  try {
    work();
    return '';
  } catch (thrown) {
    if (thrown instanceof kind) return thrown.message;
    throw thrown;
  }
}

/** Matches an empty text, or one printable line that begins with `start`. */
const oneLine = (start: string): RegExp => new RegExp(String.raw`^$|^${start}[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$`, 'u');

const WEDGES =
  '{ } [ ] &a\u0020 *a\u0020 !!x\u0020 :\u0020 -\u0020 \n " \' # | \t 0 1e999 null .* (a+)+ (?: <prefix> <client> {{text}} {{{'.split(
    ' ',
  );

/** A text with pieces removed, doubled or replaced. */
function mangled(text: string): fc.Arbitrary<string> {
  const pieces = text.split(/(?<=[\n :,{}[\]'"<>()|*+?\\-])/);
  const piece = fc.nat(pieces.length - 1).map((at) => pieces[at] ?? '');
  const put = fc.oneof(fc.constant(''), piece, fc.constantFrom(...WEDGES), fc.string({ unit: 'binary', maxLength: 5 }));
  return fc.array(fc.tuple(fc.nat(pieces.length - 1), put), { minLength: 1, maxLength: 6 }).map((changes) => {
    const changed = [...pieces];
    for (const [at, other] of changes) changed[at] = other;
    return changed.join('');
  });
}

describe(`for any text (FUZZ_SEED=${SEED})`, { timeout: 60_000 * FUZZ }, () => {
  const anAddress = fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended());
  const nearlyNetwork = fc.oneof(
    anAddress,
    fc.stringMatching(/^[0-9a-fA-F.:/%]{0,50}$/),
    fc.tuple(anAddress, fc.oneof(fc.nat(200).map(String), anyText)).map((parts) => parts.join('/')),
    anyText,
  );

  it('parseAddress returns canonical text that no command line treats as an option, or undefined', () => {
    fc.assert(
      fc.property(nearlyNetwork, (text) => {
        const address = parseAddress(text);
        fc.pre(address !== undefined);
        expect(address).toMatch(/^[0-9a-f:][0-9a-f.:]{1,38}$/);
        expect(parseAddress(address)).toBe(address);
        expect(containsNetwork(networkOf(address, 24), hostNetwork(address))).toBe(true);
      }),
      { ...often(2000), maxSkipsPerRun: 1000 },
    );
  });

  it('parseNetwork returns canonical text, or the fault in one line', () => {
    fc.assert(
      fc.property(nearlyNetwork, (text) => {
        const found = parseNetwork(text);
        const network = 'fault' in found ? '192.0.2.0/24' : found.network;
        expect('fault' in found ? networkFaultText(text, found) : '').toMatch(oneLine('"'));
        expect(network).toMatch(/^[0-9a-f:][0-9a-f.:]{1,38}\/\d{1,3}$/);
        expect(parseNetwork(network)).toEqual({ network });
        expect(rangeOf(network as Network).first).toMatch(/^[46]/);
      }),
      often(3000),
    );
  });

  it('parseTimestamp finds an instant in a bounded piece of the line, or returns undefined', () => {
    const stamps = [
      'Nov 25 00:03:16',
      'Feb 29 23:59:60',
      '2026-11-25T00:03:16.29+00:00',
      '<22>1 2026-11-25T00:03:16Z',
      'Sun Jan 23 21:59:59 2005',
    ];
    const zones = fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC');
    fc.assert(
      fc.property(fc.oneof(...stamps.map(mangled), anyText), fc.nat(4e12), zones, (text, near, zone) => {
        const found = inZone(zone, () => parseTimestamp(`${text} mx postfix`, near)) ?? { at: 0, length: 80 };
        expect(Number.isSafeInteger(found.at)).toBe(true);
        expect(found.length).toBeLessThanOrEqual(80);
        expect(found.length).toBeGreaterThan(10);
      }),
      often(1500),
    );
  });

  it('match returns only hits with a valid address, key and instant, and with fields of at most 512 characters', () => {
    const matcher = matcherOf(shipped('postfix-spamtrap'), { authenticated: true });
    const line = mangled(hitLine()).map((text) => Buffer.from(text));
    fc.assert(
      fc.property(fc.oneof(anyBytes, line), (bytes) => {
        for (const hit of matcher.match(batchOf(bytes))) {
          expect(parseAddress(hit.address)).toBe(hit.address);
          expect(hit.key).toMatch(/^[0-9a-f]{16}$/);
          expect(Number.isFinite(hit.at)).toBe(true);
          for (const value of Object.values(hit.fields)) expect(value?.length).toBeLessThanOrEqual(512);
        }
      }),
      often(1500),
    );
    expect(matcher.rules().filter(({ setAside }) => setAside !== null)).toEqual([]);
  });

  it('a duration or time on a command line is read as a number, or refused', () => {
    const dates = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    const times = fc.oneof(anyText, fc.stringMatching(/^-?[0-9]{1,20}[smhdwy]{0,2}$/), dates);
    fc.assert(
      fc.property(times, fc.constantFrom(duration, moment), (text, parse) => {
        let value = 0;
        expect(refusal(UsageError, () => (value = parse(text)))).toMatch(oneLine('no '));
        expect(Number.isFinite(value)).toBe(true);
      }),
      often(1500),
    );
  });
});

describe(`for any file content (FUZZ_SEED=${SEED})`, { timeout: 120_000 * FUZZ }, () => {
  it('a list of allowed addresses is read, or refused with the place of its fault', () => {
    const file = join(folder, 'allow');
    const list = mangled('192.0.2.1\n# a comment\n\n2001:db8::/32 # another\r\n198.51.100.0/24\n').map((text) => Buffer.from(text));
    fc.assert(
      fc.property(fc.oneof(list, anyBytes), (bytes) => {
        writeFileSync(file, bytes);
        const load = (): unknown => AllowList.load([{ name: 'a', ignoreip: [file] }], { addresses: () => [] });
        expect(refusal(ConfigError, load)).toMatch(oneLine(String.raw`/\S+allow:\d+:\d+: "`));
      }),
      often(500),
    );
  });

  it('the configuration is read, or refused with the place of its fault', () => {
    const sample = readFileSync(join(CHECKOUT, 'systemd', 'trapline.yaml'), 'utf8');
    const written = sample.replaceAll(/^# ?/gm, '').replaceAll(/^#.*$/gm, '');
    fc.assert(
      fc.property(fc.oneof(mangled(written), anyText), (text) => {
        expect(refusal(ConfigError, () => parseConfig(text, 'f'))).toMatch(oneLine(String.raw`f:\d+:\d+: `));
      }),
      often(400),
    );
  });

  it('any value of an option is accepted, or refused with its place', () => {
    const keys =
      'sources state control actions sync log_level hit_retention defaults jails filters_folder sources_overlap syslog_names'.split(
        ' ',
      );
    const inner = 'type path mode group readers bantime ignoreip maxretry rules text filter __proto__ a'.split(' ');
    const { any } = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.double(),
        fc.string(),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...inner), tie('any'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.constantFrom(...keys), any, (key, value) => {
        const load = (): unknown => parseConfig(`${key}: ${JSON.stringify(value)}\n`, 'f');
        expect(refusal(ConfigError, load)).toMatch(oneLine(String.raw`f:1:\d+: `));
      }),
      often(400),
    );
  });

  const files = ['filters', 'actions'].flatMap((place) =>
    readdirSync(join(CHECKOUT, place)).map((name) => join(CHECKOUT, place, name)),
  );
  it.each(files.map((file) => [basename(file), file]))('%s is loaded, or refused in one line', (name, file) => {
    const text = readFileSync(file, 'utf8');
    const changed = join(folder, name);
    const log = recordingLog();
    const load = file.startsWith(FILTERS)
      ? (): unknown => createMatcher([{ jail: 'a', filter: loadFilter(changed, { folders: [] }), rules: {} }], { log })
      : (): unknown => loadAction(changed, {}, { log, clock: Date.now });
    fc.assert(
      fc.property(fc.oneof(mangled(text), mangled(text), anyText), (mutated) => {
        writeFileSync(changed, mutated);
        expect(refusal(ConfigError, load)).toMatch(oneLine(''));
      }),
      often(30),
    );
  });
});

const archiveOptions = (): ArchiveOptions => ({ format: 'auto', now: NEAR, log: recordingLog() });

/** Reads an archive as records, then as batches. Returns the size of all records, the size of the largest batch, and the error message, if any. */
async function drain(file: string): Promise<{ bytes: number; largest: number; words: string }> {
  const sum = { bytes: 0, largest: 0, words: '' };
  try {
    for await (const { bytes } of readRecords(file, archiveOptions())) sum.bytes += bytes?.length ?? 0;
    for await (const { bytes } of openArchive(file, archiveOptions()).read(undefined, new AbortController().signal))
      sum.largest = Math.max(sum.largest, bytes.length);
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) throw thrown;
    sum.words = thrown.message;
  }
  return sum;
}

describe(`an archive (FUZZ_SEED=${SEED})`, { timeout: 60_000 * FUZZ }, () => {
  const file = join(folder, 'archive');

  it('of any bytes is read as lines, or refused in one line', async () => {
    const start = fc.constantFrom('', '{', ' {"MESSAGE":', '\u001f\u008b\u0008', 'BZh', '\n', 'Nov 25 00:03:16 ');
    await fc.assert(
      fc.asyncProperty(start, anyBytes, async (head, bytes) => {
        writeFileSync(file, Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
        expect((await drain(file)).words).toMatch(oneLine('/'));
      }),
      often(300),
    );
  });

  it('of damaged gzip gives the lines before the damage, or is refused', async () => {
    const lines = Buffer.from(`${hitLine()}\n`.repeat(500));
    const whole = gzipSync(lines);
    const chance = new Chance(SEED);
    for (const spoil of Object.values(SPOILS)) {
      for (let run = 0; run < 15 * FUZZ; run += 1) {
        writeFileSync(file, spoil(whole, chance.below(whole.length), chance, gzipSync(Buffer.from('x\n'))));
        const { bytes, largest, words } = await drain(file);
        expect(bytes).toBeLessThan(4 * lines.length);
        expect(largest).toBeLessThan(2_097_152);
        expect(words).toMatch(oneLine('/'));
      }
    }
  });

  it('of damaged journal entries gives only complete lines', async () => {
    const corpus = readFileSync(join(CHECKOUT, 'test/fixtures/corpus/basic.journald.jsonl'), 'utf8');
    await fc.assert(
      fc.asyncProperty(mangled(corpus.split('\n').slice(0, 3).join('\n')), async (text) => {
        writeFileSync(file, text);
        for await (const { bytes } of readRecords(file, { ...archiveOptions(), format: 'journal' }))
          expect(bytes?.indexOf(0x0a) ?? -1).toBe((bytes?.length ?? 0) - 1);
      }),
      often(300),
    );
  });
});

/** Sends bytes, and waits until the server closes the connection, but at most 0.7 s. */
async function send(socket: string, bytes: Buffer): Promise<void> {
  const connection = await openRaw(socket, bytes);
  await Promise.race([connection.closed, pause(700)]);
  connection.socket.destroy();
}

describe(`the control socket (FUZZ_SEED=${SEED})`, { timeout: 60_000 * FUZZ }, () => {
  it('answers a valid request whatever other clients send, and reports none of their requests as a bug', async () => {
    const desk = memoryDesk();
    const { lines, log } = keptLog();
    const socket = join(folder, 'control.sock');
    const limits = { headTime: 300, bodyTime: 300, silence: 300, grace: 50 };
    const server = await serveControl(desk, { socket, mode: 0o600, group: '0', limits }, log);
    const paths = ['/v1/bans', '/v1/hits?from-now=1', '/v1/reload', '/v1/status', '/v1/bans?within=192.0.2.0/24'];
    const requests = [
      ...paths.map((path) => post(path, '{"networks":["192.0.2.7"],"duration":60000,"reason":"x"}')),
      post('/v1/hits', '5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n', 'Transfer-Encoding: chunked\r\n'),
      Buffer.from('DELETE /v1/bans HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{"all":true}'),
    ];
    const chance = new Chance(SEED);
    for (let round = 0; round < 4 * FUZZ; round += 1) {
      const sent = Object.values(SPOILS).flatMap((spoil) =>
        requests.map((whole) => spoil(whole, 0, chance, requests[chance.below(requests.length)] ?? whole)),
      );
      await Promise.all(sent.map((bytes) => send(socket, bytes)));
      expect(await callControl(socket).status()).toMatchObject({ version: STATUS.version });
    }
    await server.close();
    expect(lines.filter((line) => line.startsWith('error'))).toEqual([]);
    for (const network of desk.held.keys()) expect(parseNetwork(network)).not.toHaveProperty('fault');
  });
});
