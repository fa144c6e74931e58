import { describe, expect, it } from 'vitest';
import { trapline } from '../support/cli/command-line.ts';

const refused = async (...words: string[]): Promise<string> => (await trapline(words)).err;

describe('a command line that cannot be understood is refused in one line', () => {
  it.each([
    ['bann', '"bann" is no command, did you mean "ban"?'],
    ['statu', '"statu" is no command, did you mean "status"?'],
    ['list', '"list" is no command; commands: run, backfill, ban, unban, bans, status, reload, check, test'],
    ['help nonsense', '"nonsense" is no command; commands: run, backfill, ban, unban, bans, status, reload, check, test'],
    ['--config x status', '"--config" is no command; write options after the command, as in "trapline status --json"'],
    ['ban', 'which network? trapline ban 203.0.113.7 --for 2h'],
    ['backfill', 'which file? trapline backfill --dry-run /var/log/mail.log*'],
    ['test', 'which file? trapline test /var/log/mail.log'],
    ['bans 203.0.113.1 192.0.2.2', '"192.0.2.2" is one argument too many: trapline bans [NETWORK] [OPTIONS]'],
    ['ban 203.0.113.1 --for 0s', '--for 0s: no span of time, write it like 90s, 10m, 2h or 7d'],
    ['ban 203.0.113.1 --for=-1h', '--for -1h: no span of time, write it like 90s, 10m, 2h or 7d'],
    [
      'backfill x --since yesterday',
      '--since yesterday: no moment, write it like 2026-11-25, 2026-11-25T08:00:00Z or 7d (seven days ago)',
    ],
    ['backfill x --until', '--until has no value, write --until TIME'],
    ['test x --config --json', '--config has no value, write --config FILE'],
    ['test x --format sylog', '--format sylog: write auto, syslog or journal'],
    ['test x --format syslog --format auto', '--format is given twice (syslog and auto), give it once'],
    ['backfill x --dry-run=perhaps', '--dry-run takes no value, leave out perhaps'],
    ['backfill x --dry-rum', '"--dry-rum" is no option of "backfill", did you mean --dry-run?'],
    ['backfill x --fast', '"--fast" is no option of "backfill", see "trapline backfill --help"'],
    ['ban 203.0.113.1 --no-force', '"--no-force" is no option of "ban", did you mean --force?'],
    ['ban -s', '"-s" is no option of "ban", see "trapline ban --help"'],
  ])('%s', async (line, text) => {
    expect(await trapline(line.split(' '))).toEqual({ code: 64, out: '', err: `trapline: ${text}\n` });
  });

  it('with quotes around a word that has blanks, is empty, or holds control characters', async () => {
    expect(await refused('test', '')).toBe('trapline: file "": not a file name, give one\n');
    expect(await refused('bans', '--state', '')).toBe('trapline: --state "": not a file name, give one\n');
    expect(await refused('ban', '203.0.113.1', '--for', '1 h\u001b[2J')).toMatch(
      /^trapline: --for "1 h\\u\{1b\}\[2J": no span of time, /,
    );
    expect(await refused('x'.repeat(1000))).toMatch(/^trapline: "x{200}\.\.\." is no command; /);
  });
});
