import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { runErrand } from '../../src/daemon/alone/errand.ts';
import { openHouse, type House } from '../../src/daemon/house.ts';
import { Cleanup } from '../../src/lib/cleanup.ts';
import type { Hit } from '../../src/words/walk.ts';
import { hit } from '../support/decision/words.ts';
import { recordingLog } from '../support/daemon/desk.ts';

let folder: string;
let cleanup: Cleanup;
let printed: string[];
const { log, lines } = recordingLog();
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-house-'));
  cleanup = new Cleanup();
  printed = [];
  lines.length = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
});
afterEach(async () => {
  await cleanup.run(2_000, () => {});
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function configure(more = ''): void {
  writeFileSync(at('trapline.yaml'), `actions: [print]\nstate: ${at('trapline.db')}\nsources: [${at('mail.log')}]\n${more}`);
}

function open(): Promise<House> {
  const readConfig = async () => loadConfig(at('trapline.yaml'));
  const config = loadConfig(at('trapline.yaml'));
  return openHouse({ config, readConfig, log, clock: Date.now, version: '0', notify: async () => {} }, cleanup);
}

/** A hit of the time `ago` milliseconds before now. */
const recent = (ago: number): Hit => ({ ...hit('203.0.113.7'), at: Date.now() - ago, key: String(ago) });

/** Bans networks by hand before the house is opened. */
async function banBefore(...networks: readonly string[]): Promise<void> {
  await runErrand(loadConfig(at('trapline.yaml')), { log, clock: Date.now }, (errand) => errand.ban({ networks }));
  printed = [];
}

describe('an opened `House` (the ledger and the actions of a daemon)', () => {
  it('has set the bans of the ledger in the firewall', async () => {
    configure();
    await banBefore('203.0.113.7');
    await open();
    expect(printed.join('')).toContain('203.0.113.7');
  });

  it('has lifted the bans of addresses that were allowed after the bans', async () => {
    configure();
    await banBefore('203.0.113.7', '203.0.113.8');
    configure('defaults: {ignoreip: [203.0.113.7]}\n');
    const { ledger } = await open();
    expect(ledger.standing.list().map(({ network }) => network)).toEqual(['203.0.113.8/32']);
    expect(lines.join('\n')).toContain('unban 203.0.113.7: on the allow-list now');
  });

  it('counts hits from before the start towards a ban', async () => {
    configure('defaults: {maxretry: 3, findtime: 1h}\n');
    const first = await open();
    first.court.judge([recent(3000), recent(2000)]);
    await cleanup.run(2_000, () => {});
    cleanup = new Cleanup();
    const second = await open();
    const { verdicts } = second.court.judge([recent(1000)]);
    expect(verdicts.map(({ kind }) => kind)).toEqual(['ban']);
  });

  it('closes the ledger and the actions when `cleanup` runs', async () => {
    configure();
    const { ledger } = await open();
    const closed: string[] = [];
    await cleanup.run(2_000, (name) => closed.push(name));
    expect(closed).toEqual([]);
    expect(() => ledger.recordBans([])).toThrow(/open|closed/);
  });

  it('creates no ledger when an action is unknown', async () => {
    configure();
    const config = { ...loadConfig(at('trapline.yaml')), actions: [{ type: 'prnt', options: {} }] };
    const outside = { config, readConfig: async () => config, log, clock: Date.now, version: '0', notify: async () => {} };
    await expect(openHouse(outside, cleanup)).rejects.toThrow('prnt');
    expect(() => loadConfig(at('trapline.yaml'))).not.toThrow();
  });
});

describe('the `Court` of a `House`, which judges hits', () => {
  it('does not let a date in the future lead to a ban of years', async () => {
    configure();
    const { court } = await open();
    const { bans } = court.judge([{ ...hit('203.0.113.7'), at: Date.parse('2036-05-01T00:00:00Z') }]);
    expect(bans.map(({ since, until }) => (until ?? 0) - since)).toEqual([3_600_000]);
    expect(Math.abs((bans[0]?.since ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  it('counts hits of an old log separately from hits of the followed logs', async () => {
    configure('defaults: {maxretry: 2, findtime: 1h}\n');
    const { court, desk } = await open();
    court.judge([recent(2000)]);
    expect(
      desk
        .courtFor(undefined)
        .judge([recent(1000)])
        .verdicts.map(({ kind }) => kind),
    ).toEqual(['watch']);
  });
});
