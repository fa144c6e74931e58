// Makes the notes of `trapline test` about hits in a log that a daemon with this configuration does not read.
import type { Config } from '../../config/load.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Log } from '../../words/ports.ts';

/** The notes about hits of these jails in the file at `path`. Each note is one line. */
export async function notesOn(path: string, jails: ReadonlySet<string>, config: Config, log: Log): Promise<readonly string[]> {
  if (jails.size === 0) return [];
  const { detectSources, reads, sourceName, writtenSource } = await import('../../sources/read.ts');
  const settings = config.sources === 'auto' ? await detectSources({ log }) : config.sources;
  const reading: string[] = [];
  for (const setting of settings) if (await reads(setting, path)) reading.push(sourceName(setting));
  const shown = printable(path);
  if (reading.length === 0) {
    const names = settings.map((setting) => printable(writtenSource(sourceName(setting)))).join(', ');
    return [`note: a daemon with this configuration does not read ${shown}, it reads ${names}`];
  }
  return config.jails
    .filter(({ name, sources }) => jails.has(name) && sources !== 'all' && !reading.some((source) => sources.includes(source)))
    .map(({ name, sources }) => {
      const names = sources === 'all' ? '' : sources.map((source) => printable(writtenSource(source))).join(', ');
      return `note: jail ${name} looks only in ${names || 'no source'}, not in ${shown}`;
    });
}
