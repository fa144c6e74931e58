import { describe, expect, it } from 'vitest';
import { noteFound } from '../../../src/daemon/rooms/found.ts';

/** Notes the names of sources one start after another. Returns the notices. */
function noticesOf(...starts: readonly (readonly string[])[]): readonly string[] {
  const lines: string[] = [];
  const cursors = new Map<string, string>();
  for (const names of starts) {
    noteFound(names, {
      log: { notice: (text) => void lines.push(text) },
      ledger: { cursor: (key) => cursors.get(key) },
      court: {
        judge: (_hits, cursor) => {
          if (cursor) cursors.set(cursor.source, cursor.cursor);
          return { verdicts: [], bans: [], enforced: Promise.resolve() };
        },
      },
    });
  }
  return lines;
}

describe('the sources that `sources: auto` finds', () => {
  it('C10: are a notice when the journal is followed because the log file is missing, and when the file is back', () => {
    expect(noticesOf(['file:/none/mail.log'], ['journal'], ['journal'], ['file:/none/mail.log'])).toEqual([
      'sources: journal is followed now because /none/mail.log does not exist, until now it was file:/none/mail.log; to keep one source, set "sources"',
      'sources: file:/none/mail.log is followed now, until now it was journal; to keep one source, set "sources"',
    ]);
  });

  it('are a notice without this reason when the former file still exists', () => {
    expect(noticesOf(['file:/etc/passwd'], ['journal'])).toEqual([
      'sources: journal is followed now, until now it was file:/etc/passwd; to keep one source, set "sources"',
    ]);
  });

  it('cause no notice while they do not change', () => {
    expect(noticesOf(['journal'], ['journal'])).toEqual([]);
  });
});
