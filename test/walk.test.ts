import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Enforcer } from '../src/actions/enforce.ts';
import { judgeHits, type Desk } from '../src/daemon/desk.ts';
import { doorsOf } from '../src/daemon/rooms/doors.ts';
import { AllowList, Judge, type JailPolicy } from '../src/decision/decide.ts';
import { createMatcher, type Matcher } from '../src/filters/match.ts';
import { Ledger } from '../src/ledger/record.ts';
import { Court } from '../src/walk/court.ts';
import { Pipeline, type PipelineDoors } from '../src/walk/pipeline.ts';
import { openArchive } from '../src/sources/archive.ts';
import { openSource } from '../src/sources/read.ts';
import type { Millis } from '../src/words/ports.ts';
import type { Ban, Hit } from '../src/words/walk.ts';
import { RecordingAction } from './support/actions/recording.ts';
import { trapline } from './support/cli/command-line.ts';
import { policy } from './support/daemon/desk.ts';
import { until } from './support/until.ts';
import { corpusNames, recordingLog, shipped } from './support/filters/lines.ts';
import { Chance, SEED } from './support/hostile/bytes.ts';

const CORPUS = join(import.meta.dirname, 'fixtures', 'corpus');

/** A time shortly after the lines of the corpus, at which their bans are still in force. */
const NOW: Millis = Date.parse('2026-11-25T00:40:00Z');

const POLICIES: readonly JailPolicy[] = [
  policy(),
  policy({ name: 'counted', maxretry: 3, findtime: 60_000, ipv4Prefix: 24, ipv6Prefix: 48, ignoreip: ['203.0.113.0/26'] }),
];

const folder = mkdtempSync(join(tmpdir(), 'trapline-walk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = (): Millis => NOW;

/** The matcher, allow-list, ledger and enforcer of a daemon, with an action that records its calls. */
function rooms() {
  const log = recordingLog();
  const matcher = createMatcher(
    POLICIES.map(({ name }) => ({ jail: name, filter: shipped('postfix-spamtrap'), rules: {} })),
    { log },
  );
  const allow = AllowList.load(POLICIES, { addresses: () => ['192.0.2.25'], clock });
  const action = new RecordingAction();
  const ledger = Ledger.open(':memory:', { log, clock, scopes: () => [{ action: action.name, without: new Set() }] });
  const enforcer = new Enforcer([action], { log, clock });
  return { log, matcher, allow, ledger, action, enforcer };
}

/** The bans in the ledger and in the firewall after a log has been read. */
interface Left {
  readonly bans: readonly Ban[];
  readonly counts: { readonly bans: number; readonly hits: number };
  readonly held: readonly (readonly [string, Millis | null])[];
}

const byText = (one: unknown, other: unknown): number => (String(one) < String(other) ? -1 : 1);

function left({ ledger, action }: Pick<ReturnType<typeof rooms>, 'ledger' | 'action'>): Left {
  const bans = ledger.standing.list(undefined).toSorted((one, other) => byText(one.network + one.jail, other.network + other.jail));
  return { bans, counts: ledger.counts(), held: [...action.held].toSorted(byText) };
}

/** Writes a log in pieces of random size, and follows it as the daemon does. */
async function live(bytes: Buffer, name: string): Promise<Left> {
  const all = rooms();
  const { log, matcher, allow, ledger, enforcer } = all;
  const judge = new Judge(POLICIES, allow);
  const enforced: Promise<void>[] = [];
  await enforcer.open();
  const court = new Court(
    {
      ...doorsOf({ judge: () => judge, ledger, enforcer, strict: true }),
      enforce: async (changes) => void enforced.push(enforcer.enforce(changes)),
    },
    { clock, log, witnesses: [] },
  );
  const doors: PipelineDoors = { match: (batch) => matcher.match(batch), court, full: () => false };
  const path = join(folder, `live-${name}`);
  writeFileSync(path, '');
  const source = openSource({ type: 'file', path, from: 'start' }, { log, clock });
  const stop = new AbortController();
  const done = new Pipeline(source, doors, { clock }).run(undefined, stop.signal);
  const chance = new Chance(SEED);
  for (let at = 0; at < bytes.length;) {
    const size = 1 + chance.below(bytes.length / 4);
    appendFileSync(path, bytes.subarray(at, at + size));
    at += size;
    await new Promise(setImmediate);
  }
  await Promise.race([done, until('all lines are read', () => source.stats?.().bytes === bytes.length)]);
  stop.abort();
  await done;
  await Promise.all(enforced);
  await enforcer.close();
  return left(all);
}

async function* hitsOf(matcher: Matcher, path: string): AsyncGenerator<readonly Hit[]> {
  for await (const batch of openArchive(path, { format: 'auto', now: NOW, log: recordingLog() }).read(
    undefined,
    new AbortController().signal,
  ))
    yield matcher.match(batch);
}

/** Reads an old log, as a backfill does. */
async function backfill(path: string): Promise<Left> {
  const all = rooms();
  const { log, matcher, allow, ledger, enforcer } = all;
  await enforcer.open();
  const courtFor: Desk['courtFor'] = (fromNow) => {
    const judge = new Judge(POLICIES, allow, fromNow === undefined ? {} : { fromNow });
    return new Court(doorsOf({ judge: () => judge, ledger, enforcer, strict: true }), { clock, log, witnesses: [] });
  };
  const desk: Desk = {
    ledger,
    court: courtFor(undefined),
    courtFor,
    clock,
    allow: () => allow,
    bantime: () => null,
    owes: () => undefined,
  };
  await judgeHits(desk, hitsOf(matcher, path), { fromNow: false });
  await enforcer.close();
  return left(all);
}

const TEXTS = corpusNames().filter((name) => !name.endsWith('.journald'));

describe('a log of the corpus', () => {
  it.each(TEXTS)('leads to equal bans when it is followed and when it is read later: %s', async (name) => {
    const path = join(CORPUS, `${name}.log`);
    const later = await backfill(path);
    expect(await live(readFileSync(path), name)).toEqual(later);
    expect(later.bans.length > 0).toBe(!name.startsWith('attack-content.'));
    expect(later.held.length).toBeLessThanOrEqual(later.bans.length);
  });

  it('leads to equal bans in every format', async () => {
    const formats = ['rfc3164.log', 'iso8601.log', 'rfc5424.log', 'journald.jsonl'];
    const lefts = await Promise.all(formats.map((format) => backfill(join(CORPUS, `basic.${format}`))));
    const networks = lefts.map(({ bans }) => bans.map(({ network, jail, offence }) => [network, jail, offence]));
    expect(networks[0]?.length).toBeGreaterThan(10);
    for (const one of networks) expect(one).toEqual(networks[0]);
  });

  it('leads to no ban of a victim of forged lines or of an allowed client', async () => {
    for (const name of TEXTS.filter((text) => !text.startsWith('local-forgery'))) {
      const networks = (await backfill(join(CORPUS, `${name}.log`))).held.map(([network]) => network);
      expect(networks.filter((network) => /^(?:192\.0\.2\.(?:99|25)|2001:db8:bad|127\.|::1|fe80)/.test(network))).toEqual([]);
    }
  });
});

const at = (name: string): string => join(folder, name);

/** The networks in the output of a backfill or of a dry run. */
const networksOf = (out: string): string[] =>
  (JSON.parse(out) as { set: { network: string }[] }).set.map(({ network }) => network).toSorted();

describe('K03: a dry run', () => {
  writeFileSync(
    at('dry.yaml'),
    `actions: [print]\nstate: ${at('dry.db')}\ncontrol: {socket: ${at('none.sock')}}\nsyslog_names: [postfix*, mailgw]\n`,
  );
  const log = join(CORPUS, 'basic.iso8601.log');

  it('lists the bans that a real backfill sets, and leaves no ledger', async () => {
    const words = ['backfill', '--from-now', '--json', log, '--config', at('dry.yaml')];
    const dry = await trapline([...words, '--dry-run']);
    expect(existsSync(at('dry.db'))).toBe(false);
    const done = await trapline(words);
    expect(networksOf(dry.out)).toEqual(networksOf(done.out.split('\n').findLast((line) => line.startsWith('{')) ?? ''));
    expect(networksOf(dry.out).length).toBeGreaterThan(10);
    const { out } = await trapline(['bans', '--json', '--config', at('dry.yaml')]);
    expect((JSON.parse(out) as { network: string }[]).map(({ network }) => network).toSorted()).toEqual(networksOf(dry.out));
  });

  it('lists the bans that a daemon sets when it follows the log', async () => {
    const { out } = await trapline([
      'backfill',
      '--from-now',
      '--dry-run',
      '--json',
      log,
      '--config',
      at('dry.yaml'),
      '--state',
      at('other.db'),
    ]);
    const followed = (await live(readFileSync(log), 'dry')).bans.filter(({ jail }) => jail === 'spamtrap');
    expect(networksOf(out)).toEqual(followed.map(({ network }) => network.replace(/\/(?:32|128)$/, '')).toSorted());
  });
});
