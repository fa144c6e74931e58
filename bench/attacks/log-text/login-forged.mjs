// Clients send text that resembles the login of an authenticated client; authenticated clients have unusual login names.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('only a login that Postfix writes spares a client', async (world) => {
  const login = ' sasl_method=PLAIN sasl_username=user@example.com';
  world.write(
    hitLine('203.0.113.1', { helo: `x${login}` }),
    hitLine('203.0.113.2', { from: `a${login}` }),
    hitLine('203.0.113.3', { trap: `a>${login}` }),
  );
  world.write(
    hitLine('203.0.113.4', { to: `b>${login}` }),
    hitLine('203.0.113.5', { helo: `x>${login} y=<` }),
    hitLine('203.0.113.6', { text: `triggers spamtrap${login}` }),
  );
  const customers = [
    login,
    ' sasl_username=a',
    ' sasl_method=X sasl_username=ü sasl_sender=b@c',
    ` sasl_username=${'u'.repeat(254)}`,
    ' sasl_username=a b c',
    ' sasl_username=\u001b[2J',
  ];
  world.write(...customers.map((one, index) => hitLine(`198.51.100.${index + 1}`, { login: one })));
  await onlyHits(world, Object.fromEntries([1, 2, 3, 4, 5, 6].map((last) => [`203.0.113.${last}`, 1])));
});
