import { describe, expect, it, onTestFinished } from 'vitest';
import { Journalctl, type Following } from '../../../src/sources/journal/journalctl.ts';

const FIELDS = 'MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_UID,_COMM,_EXE,_HOSTNAME,_SOURCE_REALTIME_TIMESTAMP,_SYSTEMD_UNIT';
const FIRST = ['--quiet', '--no-pager', '--output=json', `--output-fields=${FIELDS}`];
const FOLLOW = ['--follow', '--merge', '--no-tail'];

/** Runs a shell script instead of journalctl, with the arguments of journalctl. */
function follow(script: string, cursor?: string, stop = new AbortController(), machine?: string): Following {
  onTestFinished(() => stop.abort());
  return new Journalctl(['sh', '-c', script, 'sh'], 102, machine).follow(cursor, stop.signal);
}

async function output(following: Following): Promise<string> {
  let text = '';
  for await (const chunk of following.output) text += String(chunk);
  return text;
}

describe('the command line of journalctl', () => {
  it('requests the last entry of one user, and of one machine if one is configured', () => {
    expect(new Journalctl(['journalctl'], 102, undefined).lastEntry).toEqual([
      'journalctl',
      ...FIRST,
      '--merge',
      '--lines=1',
      '_UID=102',
    ]);
    expect(new Journalctl(['journalctl'], 102, 'abc').lastEntry.slice(-2)).toEqual(['_UID=102', '_MACHINE_ID=abc']);
  });

  it('requests the entries of containers, and their fields, if their names are configured', () => {
    const words = new Journalctl(['journalctl'], 102, 'abc', ['mail']).lastEntry;
    expect(words.slice(-6)).toEqual(['_UID=102', '_MACHINE_ID=abc', '+', '_UID=0', 'CONTAINER_NAME=mail', '_MACHINE_ID=abc']);
    expect(words[4]).toMatch(/,CONTAINER_NAME,CONTAINER_PARTIAL_MESSAGE,/);
  });

  it.each([
    ['the first entry', undefined, []],
    ['a cursor', 's=1;i=2', ['--cursor=s=1;i=2']],
    ['a time', '@1795564996', ['--since=@1795564996']],
  ])('follows the journal from %s', async (_, cursor, place) => {
    const words = await output(follow('printf "%s\\n" "$@"', cursor));
    expect(words.trim().split('\n')).toEqual([...FIRST, ...FOLLOW, ...place, '_UID=102']);
  });

  it('sets the C locale, so that messages can be parsed', async () => {
    expect(await output(follow('echo "$LC_ALL"'))).toBe('C\n');
  });
});

describe('the end of journalctl', () => {
  it('is normal when the program exits with 0', async () => {
    expect(await follow('exit 0').end).toEqual({ text: 'sh ended (code 0)', well: true, refused: false });
  });

  it('is described with the exit code or the signal, and with the last output on standard error', async () => {
    expect(await follow('echo "no\tcursor" >&2; exit 3').end).toMatchObject({
      text: 'sh ended (code 3) no\\u{9}cursor',
      well: false,
    });
    expect(await follow('kill -TERM $$').end).toEqual({ text: 'sh ended (SIGTERM)', well: false, refused: false });
    const { text } = await follow('head -c 10000 /dev/zero | tr "\\0" x >&2; echo end >&2; exit 1').end;
    expect(text).toBe(`sh ended (code 1) ${'x'.repeat(246)}end`);
  });

  it('is described with the name of a program that cannot be started', async () => {
    const { end } = new Journalctl(['/nonexistent/journalctl'], 102, undefined).follow(undefined, new AbortController().signal);
    expect(await end).toEqual({
      text: expect.stringMatching(/^\/nonexistent\/journalctl cannot be started: .*ENOENT/),
      well: false,
      refused: false,
    });
  });

  it.each([
    ['Failed to seek to cursor: Invalid argument', true],
    ['Failed to parse timestamp: @18446744073709', true],
    ['Failed to seek to cursor: Cannot allocate memory', false],
    ['Failed to iterate through journal: Bad message', false],
  ])('with the complaint "%s" is a refusal of the cursor: %s', async (complaint, refused) => {
    expect(await follow(`echo '${complaint}' >&2; exit 1`, 's=1').end).toMatchObject({ well: false, refused });
  });

  it('does not wait for a child that outlives it and keeps its outputs open, and gives all that was printed', async () => {
    const following = follow('setsid sleep 60 & head -c 300000 /dev/zero; echo $! >&2; exit 1');
    const text = await output(following);
    const end = await following.end;
    process.kill(Number(end.text.split(' ').at(-1)), 'SIGKILL');
    expect(text).toHaveLength(300_000);
    expect(end.text).toMatch(/^sh ended \(code 1\) \d+$/);
  });

  it('comes when the signal aborts, even before the start, and when the program is stopped', async () => {
    const stop = new AbortController();
    const following = follow('exec sleep 1000', undefined, stop);
    stop.abort();
    expect((await following.end).well).toBe(false);
    expect((await follow('exec sleep 1000', undefined, stop).end).well).toBe(false);
    const stopped = follow('sleep 1000; true');
    stopped.stop();
    stopped.stop();
    expect((await stopped.end).text).toBe('sh ended (SIGKILL)');
    stopped.stop();
  });
});
