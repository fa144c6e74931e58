import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { readBans, runErrand, runRehearsal } from '../../../src/daemon/alone/errand.ts';
import { SourceError } from '../../../src/errors.ts';
import type { Hit } from '../../../src/words/walk.ts';
import { hit } from '../../support/decision/words.ts';
import { recordingLog } from '../../support/daemon/desk.ts';

let folder: string;
let printed: string[];
const at = (name: string): string => join(folder, name);
const ports = { log: recordingLog().log, clock: Date.now };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-errand-'));
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  writeFileSync(at('trapline.yaml'), `actions: [print]\nstate: ${at('trapline.db')}\ndefaults: {ignoreip: [198.51.100.7]}\n`);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const config = () => loadConfig(at('trapline.yaml'));
const networks = (): readonly string[] => readBans(config(), ports).map(({ network }) => network);

async function* batches(...hits: readonly Hit[]): AsyncGenerator<readonly Hit[]> {
  yield hits;
}
const recent = (client: string): Hit => ({ ...hit(client), at: Date.now() - 60_000 });

describe('a request that is carried out without a daemon', () => {
  it('bans and unbans in the ledger and the firewall', async () => {
    const rows = await runErrand(config(), ports, (errand) => errand.ban({ networks: ['203.0.113.7'] }));
    expect(rows.map(({ network }) => network)).toEqual(['203.0.113.7']);
    expect(networks()).toEqual(['203.0.113.7']);
    expect(printed.join('')).toContain('would ban 203.0.113.7');
    await runErrand(config(), ports, (errand) => errand.unban({ networks: ['203.0.113.7'] }));
    expect(networks()).toEqual([]);
  });

  it('judges hits, and lists the resulting bans', async () => {
    const work = batches(recent('203.0.113.7'));
    const summary = await runErrand(config(), ports, (errand) => errand.judge(work, { fromNow: false }));
    expect(summary).toMatchObject({ hits: 1, bans: 1 });
    expect(await runErrand(config(), ports, (errand) => errand.bans())).toHaveLength(1);
  });

  it.each([
    [
      'a ban of an allowed address',
      (errand: Parameters<Parameters<typeof runErrand>[2]>[0]) => errand.ban({ networks: ['198.51.100.7'] }),
    ],
    [
      'a ban of a text that is no network',
      (errand: Parameters<Parameters<typeof runErrand>[2]>[0]) => errand.ban({ networks: ['nobody'] }),
    ],
    [
      'an unban of a text that is no network',
      (errand: Parameters<Parameters<typeof runErrand>[2]>[0]) => errand.unban({ networks: ['nobody'] }),
    ],
    ['an unban without a network', (errand: Parameters<Parameters<typeof runErrand>[2]>[0]) => errand.unban({ networks: [] })],
  ])('opens neither ledger nor firewall for a refused request: %s', async (_what, use) => {
    await expect(runErrand(config(), ports, async (errand) => void (await use(errand)))).rejects.toThrow(/; nothing was/);
    expect(existsSync(at('trapline.db'))).toBe(false);
    expect(printed).toEqual([]);
  });

  it('creates no ledger when the log cannot be read', async () => {
    const unreadable = (async function* (): AsyncGenerator<readonly Hit[]> {
      yield* [];
      throw new SourceError('/log: cannot be read');
    })();
    await expect(runErrand(config(), ports, (errand) => errand.judge(unreadable, { fromNow: false }))).rejects.toThrow(
      'cannot be read',
    );
    expect(existsSync(at('trapline.db'))).toBe(false);
  });
});

describe('a dry run', () => {
  it('reads the ledger, sets bans in a copy, and changes nothing', async () => {
    await runErrand(config(), ports, (errand) => errand.ban({ networks: ['203.0.113.7'] }));
    printed = [];
    const summary = await runRehearsal(config(), ports, (errand) =>
      errand.judge(batches(recent('203.0.113.8')), { fromNow: false }),
    );
    expect(summary.set.map(({ network }) => network)).toEqual(['203.0.113.8']);
    expect(networks()).toEqual(['203.0.113.7']);
    expect(printed).toEqual([]);
  });

  it('creates no ledger where none exists', async () => {
    await runRehearsal(config(), ports, (errand) => errand.judge(batches(recent('203.0.113.8')), { fromNow: false }));
    expect(existsSync(at('trapline.db'))).toBe(false);
  });
});
