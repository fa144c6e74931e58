import { writeFileSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { banByHand } from '../../src/daemon/desk.ts';
import { Exemption } from '../../src/daemon/exemption.ts';
import { LedgerError } from '../../src/errors.ts';
import type { Network } from '../../src/lib/address.ts';
import { deskFor, recordingLog } from '../support/daemon/desk.ts';
import { until } from '../support/until.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'trapline-exemption-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a list of allowed addresses, whose file was changed `age` seconds before NOW. Returns its path. */
function writeList(name: string, text: string, age: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, NOW / 1000 - age, NOW / 1000 - age);
  return path;
}

function exemptionFor(list: string) {
  const rooms = deskFor({ now: NOW, ignoreip: [list] });
  const { log, lines } = recordingLog();
  const { ledger, desk } = rooms;
  const exemption = new Exemption({ allow: desk.allow, ledger, court: desk.court, log });
  return { ...rooms, exemption, lines };
}

describe('`Exemption`, which lifts the bans of allowed addresses', () => {
  it('lifts only the ban of an address that was added to the list', async () => {
    const list = writeList('added', '198.51.100.1\n', 60);
    const { desk, exemption, firewall, ended, lines } = exemptionFor(list);
    await banByHand(desk, { networks: ['203.0.113.7', '203.0.113.8'] });
    exemption.look();
    await exemption.lift();
    expect(firewall.size).toBe(2);
    writeList('added', '198.51.100.1\n203.0.113.7\n', 30);
    exemption.look();
    await until('the ban is lifted', () => firewall.size === 1, 10_000);
    expect([...firewall.keys()]).toEqual(['203.0.113.8/32']);
    expect(ended.map(({ network }) => network)).toEqual(['203.0.113.7/32']);
    expect(lines.join('\n')).toContain(list);
  });

  it('lifts the ban of an own address that another program wrote into the ledger', async () => {
    const { desk, ledger, exemption, firewall } = exemptionFor(writeList('foreign', '198.51.100.1\n', 60));
    await banByHand(desk, { networks: ['203.0.113.7'] });
    await exemption.lift();
    const version = vi.spyOn(ledger, 'foreignVersion').mockReturnValue(-1);
    const end = vi.spyOn(ledger, 'end');
    ledger.recordBans([
      { network: '127.0.0.1/32' as Network, jail: 'manual', since: NOW, until: null, offence: 1, origin: 'hand', reason: '' },
    ]);
    exemption.look();
    await until('the ban is lifted', () => end.mock.calls.length > 0, 10_000);
    expect([...firewall.keys()]).toEqual(['203.0.113.7/32']);
    end.mockClear();
    exemption.look();
    expect(end).not.toHaveBeenCalled();
    version.mockRestore();
  });

  it('tries again when the ledger could not be written, and logs one warning', async () => {
    const list = writeList('owed', '203.0.113.7\n', 60);
    const { desk, ledger, firewall } = deskFor({ now: NOW, ignoreip: [] });
    await banByHand(desk, { networks: ['203.0.113.7'] });
    const allowed = deskFor({ now: NOW, ignoreip: [list] }).desk.allow();
    const { log, lines } = recordingLog();
    const end = vi.spyOn(ledger, 'end').mockImplementation(() => {
      throw new LedgerError('/ledger: cannot be written');
    });
    const exemption = new Exemption({ allow: () => allowed, ledger, court: desk.court, log });
    await exemption.lift();
    await exemption.lift();
    expect(lines).toEqual(['/ledger: cannot be written; bans of allowed addresses stay until the ledger can be written']);
    expect(firewall.size).toBe(1);
    end.mockRestore();
    exemption.look();
    await until('the ban is lifted', () => firewall.size === 0, 10_000);
  });
});
