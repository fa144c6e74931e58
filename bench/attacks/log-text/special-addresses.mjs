// A broken relay logs clients with addresses that no client can have: loopback, multicast, broadcast, unspecified, link-local.
import { attack, must } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('special addresses are never banned, and all other bans of the batch are set', async (world) => {
  const special = [
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    '169.254.1.1',
  ];
  special.push('::', '::1', 'ff02::1', 'fe80::1', 'fe80::1%eth0', 'fe80::2%a.b-c_d@e');
  world.write(hitLine('203.0.113.1'), ...special.map((address) => hitLine(address)), hitLine('203.0.113.2'));
  const hits = Object.fromEntries(special.map((address) => [address.replace(/%.*/, ''), address.startsWith('fe80::1') ? 2 : 1]));
  await onlyHits(world, { ...hits, '203.0.113.1': 1, '203.0.113.2': 1 }, ['203.0.113.1', '203.0.113.2']);
  const [{ state, lastError }] = (await world.status()).actions;
  must(state === 'ok', `the action is ${state}: ${lastError}`);
});
