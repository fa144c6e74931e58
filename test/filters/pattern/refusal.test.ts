import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { expand } from '../../../src/filters/pattern/blocks.ts';
import { shapeOf, type Forgery } from '../../../src/filters/pattern/forgery.ts';
import { refusal } from '../../../src/filters/pattern/refusal.ts';
import { parsePattern } from '../../../src/filters/pattern/syntax.ts';
import { addressIn } from '../../support/filters/patterns.ts';

const fault = (text: string, offset = 0): ConfigError => new ConfigError(`${offset}: ${text}`);

const FORGED: Forgery = {
  kind: 'forged',
  lines: [
    'login name= client=x[203.0.113.9] or client=x[198.51.100.1]',
    'login name= client=x[198.51.100.1] client=x[203.0.113.9]',
  ],
};

/** The message that refuses a pattern. `passes` decides whether a proposed pattern is acceptable. */
function messageOf(written: string, forgery = FORGED, passes: (candidate: string) => boolean = () => false): string {
  const expanded = expand(written, {}, fault);
  const pattern = parsePattern(expanded.outline, fault);
  const address = addressIn(pattern) ?? pattern;
  const shape = shapeOf(pattern, address, expanded);
  return refusal({ written, expanded, address, shape, regexp: new RegExp(expanded.text, 's') }, forgery, passes, fault).message;
}

function candidatesFor(written: string, forgery = FORGED): string[] {
  const tried: string[] = [];
  messageOf(written, forgery, (candidate) => {
    tried.push(candidate);
    return false;
  });
  return tried;
}

const OPEN = '^<prefix>login name=[a-z]* client=<client>';

describe('a refusal', () => {
  it('shows the variable piece, the advice, and a forged line', () => {
    expect(messageOf(OPEN)).toBe(
      '20: variable piece "[a-z]*" before the client address, use fixed text and building blocks instead, or use only these after the address and end the pattern with "$"; the client 203.0.113.9 could get 198.51.100.1 banned with "login name= client=x[198.51.100.1] client=x[203.0.113.9]"',
    );
  });

  it('shows a line only if the pattern finds the forged address in it', () => {
    expect(messageOf(OPEN, { kind: 'forged', lines: ['login name= client=x[203.0.113.9]', 'logout'] })).toMatch(
      /; a client could write another address into the line$/,
    );
  });

  it('shows the address when no piece before the address is variable', () => {
    expect(messageOf('^<prefix>login <address>(?::<number>)?,')).toBe(
      '15: the client address "<address>" can be found in two places, add fixed text before and after it; a client could write another address into the line',
    );
  });

  it.each([
    [{ kind: 'unproven' }, 'it would take too long to prove that a client cannot write another address into the line'],
    [{ kind: 'unnamed' }, 'another line may end with an address that a client has written'],
  ] as const)('contains the reason %j', (forgery, reason) => {
    expect(messageOf(OPEN, forgery)).toContain(`; ${reason}`);
  });

  it('advises fixed text that identifies the line', () => {
    expect(messageOf(OPEN, { kind: 'unnamed' })).toContain(
      ', begin with fixed text that no other line of the program begins with; ',
    );
  });
});

describe('the proposal of an acceptable pattern', () => {
  it('tries the pattern with "$" at its end', () => {
    expect(candidatesFor(OPEN)).toEqual([`${OPEN}$`]);
    expect(messageOf(OPEN, FORGED, () => true)).toContain(`, write "${OPEN}$" if its lines end there; `);
  });

  it('tries building blocks, and building blocks with "$"', () => {
    const better = '^<prefix>login <number> name=.* at <number> client=<client>';
    expect(candidatesFor('^<prefix>login \\d+ name=.*\\s+at [0-9]{1,3} client=<client>')).toEqual([
      better,
      '^<prefix>login \\d+ name=.*\\s+at [0-9]{1,3} client=<client>$',
      `${better}$`,
    ]);
    expect(messageOf('^<prefix>login \\d+ client=<client>', FORGED, () => true)).toContain(
      ', write "^<prefix>login <number> client=<client>"; ',
    );
  });

  it('tries an address of the server only after the address of the client', () => {
    expect(candidatesFor('^<prefix:d>login .* rip=<address>, lip=[0-9a-f.:]+$')).toContain(
      '^<prefix:d>login .* rip=<address>, lip=<local-address>$',
    );
    expect(candidatesFor('^<prefix:d>login [0-9a-f.:]+ rip=<address>$')).not.toContain(
      '^<prefix:d>login <local-address> rip=<address>$',
    );
  });

  it('tries no pattern when the proof reached its limit', () => {
    expect(candidatesFor(OPEN, { kind: 'unproven' })).toEqual([]);
  });
});
