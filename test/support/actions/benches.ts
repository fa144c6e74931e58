// The firewalls for tests of actions: the firewalls of Linux in network namespaces, and strict stand-ins for pf and spamd.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAction } from '../../../src/actions/enforce.ts';
import { prefixOf, type Network } from '../../../src/lib/address.ts';
import { quoted } from '../shell.ts';
import { Counter, Folder, KeptLog, type Bench } from './words.ts';
import { Namespace } from './wire.ts';

interface NftSet {
  readonly set?: { readonly name: string; readonly elem?: readonly (string | { elem: { val: string; expires: number } })[] };
}

/** nftables in a namespace. */
export function nftables(): Bench {
  const namespace = new Namespace('nft');
  const remaining = (wanted: Network): number | null | undefined => {
    const { nftables: items } = JSON.parse(namespace.run('nft', '-j', 'list', 'sets')) as { nftables: NftSet[] };
    const set = items.find((item) => item.set?.name === `ipv${wanted.includes(':') ? 6 : 4}_${prefixOf(wanted)}`)?.set;
    const address = wanted.replace(/\/.*/, '');
    const found = set?.elem?.find((element) => (typeof element === 'string' ? element : element.elem.val) === address);
    if (found === undefined) return undefined;
    return typeof found === 'object' ? found.elem.expires : null;
  };
  return { ...inNamespace('nftables', namespace), remaining };
}

/** ipset with iptables in a namespace. */
export function ipset(): Bench {
  const namespace = new Namespace('ipset');
  const remaining = (wanted: Network): number | null | undefined => {
    const text = wanted.replace(/\/(32|128)$/, '');
    const line = namespace
      .run('ipset', 'save')
      .split('\n')
      .find((one) => one.split(' ')[2] === text);
    return line === undefined ? undefined : Number(line.split(' ')[4]) || null;
  };
  return { ...inNamespace('ipset', namespace), remaining };
}

/** iptables without ipset, in a namespace. `legacy`: with the programs that use the older interface of the kernel. */
export function iptables(legacy = false): Bench {
  const namespace = new Namespace('ipt');
  if (!legacy) return inNamespace('iptables', namespace);
  const folder = new Folder();
  const path = legacyPrograms(folder);
  const bench = inNamespace('iptables', namespace, ['env', `PATH=${path}`]);
  return { ...bench, remove: () => (bench.remove(), folder.remove()) };
}

/** A PATH on which `iptables` is the older program. */
export function legacyPrograms(folder: Folder): string {
  for (const name of ['iptables', 'ip6tables', 'iptables-restore', 'ip6tables-restore']) {
    folder.write(name, `#!/bin/sh\nexec ${name.replace('tables', 'tables-legacy')} "$@"\n`, 0o755);
  }
  return `${folder.path}:/usr/sbin:/usr/bin:/sbin:/bin`;
}

function inNamespace(type: string, namespace: Namespace, inner: readonly string[] = []): Bench {
  const folder = new Folder();
  const counter = new Counter(folder, [...namespace.inside(), ...inner]);
  const ports = { log: new KeptLog().log, clock: Date.now, wrap: counter.wrap, patience: 60_000, deadline: 60_000 };
  return {
    action: (options = {}) => loadAction(type, options, ports),
    started: () => counter.take(),
    remove: () => {
      namespace.remove();
      folder.remove();
    },
  };
}

const FAKES = ['pfctl', 'spamdb'] as const;

/** Stand-ins for pf and spamd. `folder` has the files with their tables. */
export interface FakeBench extends Bench {
  readonly folder: Folder;
  /** The lines that the actions logged. */
  readonly log: KeptLog;
  /** The state of the stand-in for pf, as pfctl.mjs describes it. */
  state(): Readonly<Record<string, unknown>>;
  /** Changes the state of pf, as an operator or another program does. */
  change(state: Readonly<Record<string, unknown>>): void;
}

/** The state of pf when /etc/pf.conf was loaded, and the state of the machine, as pfctl.mjs describes them. */
export type FakeState = {
  readonly rules: readonly string[];
  readonly tables: Readonly<Record<string, readonly string[]>>;
} & Readonly<Record<string, unknown>>;

/** Makes stand-ins for pf, or for spamd with pf. `loaded`: the state of the machine. */
export function fake(type: 'pf' | 'spamd', loaded: FakeState): FakeBench {
  const folder = new Folder();
  folder.write('pfctl.json', JSON.stringify(loaded));
  folder.write('spamdb.json', JSON.stringify({ '198.51.100.99': 'TRAPPED', '203.0.113.1': 'WHITE' }));
  for (const name of FAKES) {
    const script = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
    const words = [process.execPath, script, join(folder.path, `${name}.json`)].map(quoted).join(' ');
    folder.write(name, `#!/bin/sh\nexec ${words} "$@"\n`, 0o755);
  }
  const counter = new Counter(folder, ['env', `PATH=${folder.path}:/usr/bin:/bin`]);
  const log = new KeptLog();
  // On a busy machine, the usual deadline is too short for a stand-in that gets a hundred thousand addresses.
  const ports = { log: log.log, clock: Date.now, wrap: counter.wrap, deadline: 60_000 };
  const state = (): Record<string, unknown> =>
    JSON.parse(readFileSync(join(folder.path, 'pfctl.json'), 'utf8')) as Record<string, unknown>;
  return {
    folder,
    log,
    state,
    change: (changed) => folder.write('pfctl.json', JSON.stringify({ ...state(), ...changed })),
    action: (options = {}) => loadAction(type, options, ports),
    started: () => counter.take(),
    remove: () => folder.remove(),
  };
}

/** The action `print`, which only prints the changes of a firewall. */
export function print(): Bench & { readonly lines: string[] } {
  const lines: string[] = [];
  const action = loadAction('print', {}, { log: new KeptLog().log, clock: Date.now, write: (line) => lines.push(line) });
  return { lines, action: () => action, started: () => [], remove: () => {} };
}
