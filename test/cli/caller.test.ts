import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { callerOf } from '../../src/cli/caller.ts';

describe('the caller of a command', () => {
  const { username, uid } = userInfo();
  const own = `${username} (uid ${uid})`;

  it('A4: is named by the user and uid of the process, and by the user who called sudo or doas', () => {
    expect(callerOf({ environment: {} })).toBe(own);
    expect(callerOf({ environment: { SUDO_USER: 'anna', SUDO_UID: '1000' } })).toBe(`${own}, through sudo by anna (uid 1000)`);
    expect(callerOf({ environment: { SUDO_USER: 'anna' } })).toBe(`${own}, through sudo by anna`);
    expect(callerOf({ environment: { DOAS_USER: 'anna' } })).toBe(`${own}, through doas by anna`);
  });
});
