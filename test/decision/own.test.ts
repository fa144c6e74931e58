import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/decision/machine.ts';
import { OwnNetworks } from '../../src/decision/own.ts';
import { ConfigError } from '../../src/errors.ts';
import { spanOf } from '../../src/lib/networks/span.ts';
import { network } from '../support/decision/words.ts';

const OWN = "the machine's own address";

/** A machine whose networks a test can change. `192.0.2.1` is an own address, and `192.0.2.254 gateway` is the address of a gateway. */
function machine(...texts: readonly string[]) {
  const state: { texts: readonly string[]; faults: readonly string[]; refused?: Error } = { texts, faults: [] };
  const read = (): Machine => {
    if (state.refused) throw state.refused;
    const networks = state.texts.map((text) => {
      const [address = '', where = OWN] = text.split(' ');
      return { network: network(address), where };
    });
    return { networks, faults: state.faults };
  };
  const own = new OwnNetworks(read);
  const holds = (text: string): boolean => own.touching(spanOf(network(text))) !== undefined;
  const lines = (): string[] => own.refresh().flatMap((look) => ('text' in look ? `${look.kind}: ${look.text}` : []));
  return { state, holds, lines };
}

describe('OwnNetworks', () => {
  it('contains addresses, and networks for which the machine answers', () => {
    const { holds } = machine('192.0.2.1', '198.51.100.128/28', '2001:db8::1');
    expect(['192.0.2.1', '198.51.100.130', '192.0.2.0/24', '2001:db8::/64'].filter((text) => !holds(text))).toEqual([]);
    expect(['192.0.2.2', '198.51.100.144', '2001:db8::2'].filter(holds)).toEqual([]);
  });

  it('follows a floating address that comes and goes, and reports each change once', () => {
    const { state, holds, lines } = machine('192.0.2.1');
    expect(lines()).toEqual([]);
    state.texts = ['192.0.2.9', '192.0.2.1', '192.0.2.1', '192.0.2.254 gateway'];
    expect(lines()).toEqual(["changed: the machine's own addresses are now: 192.0.2.1 192.0.2.254 (gateway) 192.0.2.9"]);
    expect(lines()).toEqual([]);
    expect([holds('192.0.2.9'), holds('192.0.2.254')]).toEqual([true, true]);
    state.texts = ['192.0.2.1'];
    expect(lines()).toEqual(["changed: the machine's own addresses are now: 192.0.2.1"]);
    expect(holds('192.0.2.9')).toBe(false);
  });

  it('keeps the known networks while a part cannot be read, adds new networks, and reports the fault once', () => {
    const { state, holds, lines } = machine('192.0.2.1', '192.0.2.9');
    state.texts = ['192.0.2.1', '192.0.2.10'];
    state.faults = ['table: cannot be read'];
    expect(lines()).toEqual([
      'problem: table: cannot be read',
      "changed: the machine's own addresses are now: 192.0.2.1 192.0.2.10 192.0.2.9",
    ]);
    expect(lines()).toEqual([]);
    expect([holds('192.0.2.9'), holds('192.0.2.10')]).toEqual([true, true]);
    state.faults = [];
    expect(lines()).toEqual(["changed: the machine's own addresses are now: 192.0.2.1 192.0.2.10"]);
    expect(holds('192.0.2.9')).toBe(false);
    state.faults = ['table: cannot be read'];
    expect(lines()).toEqual(['problem: table: cannot be read']);
  });

  it('reports at the first refresh the parts that could not be read at the start', () => {
    const found = machine('192.0.2.1');
    found.state.faults = ['table: cannot be read'];
    expect(found.lines()).toEqual(['problem: table: cannot be read']);
  });

  it('keeps the known networks after an error of the system, and rethrows any other error', () => {
    const { state, holds, lines } = machine('192.0.2.1');
    state.refused = new ConfigError('refused');
    expect(lines()).toEqual(['problem: refused']);
    expect(holds('192.0.2.1')).toBe(true);
    state.refused = new TypeError('a bug');
    expect(lines).toThrow(TypeError);
  });
});
