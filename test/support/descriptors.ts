// Finds descriptors that were left open. This works on Linux only, because it reads /proc/self/fd.
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const DESCRIPTORS = '/proc/self/fd';

/** True if the system lists open files. */
export const descriptorsListed = existsSync(DESCRIPTORS);

/** The paths below a folder that this process has open, once for each descriptor, including deleted files. */
export function openFilesIn(folder: string): string[] {
  return readdirSync(DESCRIPTORS)
    .flatMap((descriptor) => {
      try {
        return readlinkSync(join(DESCRIPTORS, descriptor));
      } catch {
        return []; // The descriptor belonged to this listing, and is closed.
      }
    })
    .filter((path) => path.startsWith(`${folder}/`));
}
