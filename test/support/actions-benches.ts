// The firewalls that actions are tested on: real ones in network namespaces of their own, strict stand-ins for those of other systems.
import { fileURLToPath } from 'node:url';
import { loadAction } from '../../src/actions/enforce.ts';
import { prefixOf, type Network } from '../../src/lib/address.ts';
import { Counter, Folder, KeptLog, type Bench } from './actions-words.ts';
import { Namespace } from './actions-wire.ts';

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

/** iptables alone in a namespace; `legacy`: the programs that speak the older interface of the kernel. */
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
  const ports = { log: new KeptLog().log, clock: Date.now, wrap: counter.wrap };
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

/** A stand-in for pf and spamd, and the files in which it keeps what it was told. */
export interface FakeBench extends Bench {
  readonly folder: Folder;
}

/** pf, or spamd with pf, on a machine whose /etc/pf.conf is as our documentation says. */
export function fake(type: 'pf' | 'spamd', loaded: { rules: string[]; tables: Record<string, string[]> }): FakeBench {
  const folder = new Folder();
  folder.write('pfctl.json', JSON.stringify(loaded));
  folder.write('spamdb.json', JSON.stringify({ '198.51.100.99': 'TRAPPED', '203.0.113.1': 'WHITE' }));
  for (const name of FAKES) {
    const script = fileURLToPath(new URL(`./actions-${name}.mjs`, import.meta.url));
    folder.write(name, `#!/bin/sh\nexec ${process.execPath} ${script} ${folder.path}/${name}.json "$@"\n`, 0o755);
  }
  const counter = new Counter(folder, ['env', `PATH=${folder.path}:/usr/bin:/bin`]);
  const ports = { log: new KeptLog().log, clock: Date.now, wrap: counter.wrap };
  return {
    folder,
    action: (options = {}) => loadAction(type, options, ports),
    started: () => counter.take(),
    remove: () => folder.remove(),
  };
}

/** The action that only says what it would do. */
export function print(): Bench & { readonly lines: string[] } {
  const lines: string[] = [];
  const action = loadAction('print', {}, { log: new KeptLog().log, clock: Date.now, write: (line) => lines.push(line) });
  return { lines, action: () => action, started: () => [], remove: () => {} };
}
