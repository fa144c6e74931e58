import { afterEach, describe, expect, it } from 'vitest';
import { loadAction } from '../../src/actions/enforce.ts';
import { AllowList, Judge, type JailPolicy } from '../../src/decision/decide.ts';
import type { Network } from '../../src/lib/address.ts';
import { KeptLog } from '../support/actions/words.ts';
import { IPV4_CLIENTS, Translated } from '../support/actions/translator.ts';
import { clean, hit, NOON, network, policy } from '../support/decision/words.ts';
import { root } from '../support/privileges.ts';

const [spammer, neighbour, far, other] = IPV4_CLIENTS;

/** Two clients of one Teredo server, two clients behind a translator of RFC 8215, and three clients in two 6to4 sites. */
const TEREDO = ['2001:0:cb00:7101:8000:63bf:34ff:8ef8', '2001:0:cb00:7101:8000:63bf:34ff:8ef7'] as const;
const LOCAL_USE = ['64:ff9b:1:fffe::cb00:7107', '64:ff9b:1:fffe::cb00:7108'] as const;
const SITES = ['2002:cb00:7107:1::1', '2002:cb00:7108:1::1', '2002:cb00:7107:2::1'] as const;

describe.runIf(root)('a client behind a translator or tunnel that mails a trap', () => {
  let made: Translated | undefined;
  const world = (): Translated => made ?? expect.fail('not started');
  afterEach(() => made?.remove());

  /** Judges a hit of `client`, sets the resulting bans in the server's firewall, and returns the banned networks. */
  async function banFor(
    client: string,
    rest: Partial<JailPolicy> = {},
    nat64: readonly Network[] = [],
  ): Promise<readonly string[]> {
    const jails = [policy(rest)];
    const judge = new Judge(jails, AllowList.load(jails, { addresses: () => [], nat64 }));
    const bans = judge.decide([hit(client, NOON)], clean).flatMap((verdict) => (verdict.kind === 'ban' ? [verdict.ban] : []));
    const ports = { log: new KeptLog().log, clock: Date.now, wrap: world().server.inside() };
    const action = loadAction('nftables', {}, ports);
    await action.open();
    await action.ban(bans.map((ban) => ({ network: ban.network, until: null })));
    await action.close();
    return bans.map((ban) => ban.network);
  }

  const seenBy = (clients: readonly string[]): Promise<readonly unknown[]> =>
    Promise.all(clients.map((client) => world().seen(client)));

  it.each([
    ['64:ff9b::/96', '64:ff9b::6440:7', '64:ff9b::6440:7/128', []],
    ['2001:db8:64::/96', '2001:db8:64::6440:7', '2001:db8:64::6440:7/128', ['2001:db8:64::/96']],
    ['2001:db8:64::/48', '2001:db8:64:6440:0:700::', '2001:db8:64:6440:0:700::/88', ['2001:db8:64::/48']],
  ])('is banned alone behind a translator with the prefix %s', async (prefix, client, banned, own) => {
    made = new Translated();
    await made.start(prefix);
    expect(await seenBy([spammer, neighbour])).toEqual(['open', 'open']);
    expect(await banFor(client, {}, own.map(network))).toEqual([banned]);
    expect(await seenBy([spammer, neighbour, far, other])).toEqual(['silent', 'open', 'open', 'open']);
  });

  it('is banned together with its IPv4 network if the jail bans IPv4 networks', async () => {
    made = new Translated();
    await made.start('64:ff9b::/96');
    expect(await banFor('64:ff9b::6440:c8', { ipv4Prefix: 25 })).toEqual(['64:ff9b::6440:80/121']);
    expect(await seenBy([far, spammer, neighbour])).toEqual(['silent', 'open', 'open']);
  });

  it('is banned alone behind a Teredo server or a local-use prefix, and together with its whole site in 6to4', async () => {
    made = new Translated([...TEREDO, ...LOCAL_USE, ...SITES]);
    await made.start('64:ff9b::/96');
    for (const [client, itsNeighbour] of [TEREDO, LOCAL_USE]) {
      expect(await banFor(client)).toEqual([`${client}/128`]);
      expect(await seenBy([client, itsNeighbour])).toEqual(['silent', 'open']);
    }
    expect(await banFor(SITES[0], { ipv6Prefix: 32 })).toEqual(['2002:cb00:7107::/48']);
    expect(await seenBy(SITES)).toEqual(['silent', 'open', 'silent']);
  });
});
