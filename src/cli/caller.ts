// Names the user who runs this command. The daemon logs this text with a ban or unban, and cannot check it.
import { userInfo } from 'node:os';
import type { Context } from './context.ts';

/** The user and uid of this process, such as `anna (uid 1000)`. Under sudo(8) and doas(1), the user who called them is named too. */
export function callerOf({ environment }: Pick<Context, 'environment'>): string {
  const own = ownName();
  const { SUDO_USER: sudo, SUDO_UID: uid, DOAS_USER: doas } = environment;
  if (sudo) return `${own}, through sudo by ${sudo}${uid ? ` (uid ${uid})` : ''}`;
  return doas ? `${own}, through doas by ${doas}` : own;
}

function ownName(): string {
  try {
    const { username, uid } = userInfo();
    return `${username} (uid ${uid})`;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`; // This uid has no user in passwd(5).
  }
}
