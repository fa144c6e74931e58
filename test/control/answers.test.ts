import { describe, expect, it } from 'vitest';
import { answerAs } from '../../src/control/answers.ts';
import type { BanRow } from '../../src/words/desk.ts';
import { STATUS, ZERO } from '../support/control/desk.ts';

const ROW: Required<BanRow> = {
  network: '64:ff9b::c000:207',
  client: '192.0.2.7',
  jail: 'spamtrap',
  since: '2026-11-25T08:00:00.000Z',
  until: '2026-11-25T09:00:00.000Z',
  offence: 1,
  origin: 'log',
  reason: 'recipient',
  owed: 'nft: Operation not permitted',
  replaced: { until: null, reason: '' },
};

const OTHER: readonly unknown[] = [null, undefined, 7, 'x', [], {}, { bans: null }, { bans: [null] }, { bans: {} }];

describe('answerAs', () => {
  it('returns the answers of a daemon', () => {
    expect(answerAs('status', STATUS)).toBe(STATUS);
    for (const until of [ROW.until, null]) expect(answerAs('bans', { bans: [{ ...ROW, until }] })).toBeTruthy();
    expect(answerAs('summary', { ...ZERO, set: [ROW] })).toBeTruthy();
    expect(answerAs('reloaded', { reloaded: true })).toBeTruthy();
  });

  it('returns the status of a former version, which lacks some keys', () => {
    const { ledgerFault: _, ineffective: __, ...former } = STATUS;
    expect(answerAs('status', { ...former, jails: STATUS.jails.map(({ stopped: ___, ...jail }) => jail) })).toBeTruthy();
  });

  it.each(OTHER.map((other) => [JSON.stringify(other), other]))('throws for %s', (_, other) => {
    for (const kind of ['status', 'bans', 'summary', 'reloaded'] as const)
      expect(() => answerAs(kind, other)).toThrow('its JSON has another form');
  });

  it.each(Object.keys(ROW).filter((key) => key !== 'origin'))('throws for a ban with another kind of "%s"', (key) => {
    expect(() => answerAs('bans', { bans: [ROW, { ...ROW, [key]: {} }] })).toThrow('its JSON has another form');
  });

  it.each(Object.keys(STATUS))('throws for a status with another kind of "%s"', (key) => {
    expect(() => answerAs('status', { ...STATUS, [key]: () => {} })).toThrow('its JSON has another form');
  });

  it('throws for an instant that is none', () => {
    expect(() => answerAs('bans', { bans: [{ ...ROW, since: 'never' }] })).toThrow('its JSON has another form');
    expect(() => answerAs('status', { ...STATUS, since: 'never' })).toThrow('its JSON has another form');
  });
});
