import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logStopped, refuseStopped, stoppedIn } from '../../src/cli/stopped.ts';
import { scratchPlace, trapline } from '../support/cli/command-line.ts';
import { STATUS } from '../support/control/desk.ts';
import { hitLine, recordingLog } from '../support/filters/lines.ts';

const place = scratchPlace();
const config = place.at('trapline.yaml');
beforeAll(() => {
  mkdirSync(place.at('filters'));
  writeFileSync(
    place.at('filters/mine.yaml'),
    "name: mine\ndescription: x\nrules:\n  - { name: a, pattern: '^<prefix>login name=[a-z]+ client=<client>' }\n",
  );
  writeFileSync(
    config,
    `state: ${place.at('trapline.db')}\ncontrol: {socket: ${place.at('socket')}}\nactions: [print]\nfilters_folder: ${place.at('filters')}\njails: {good: {}, bad: {filter: mine}}\n`,
  );
  writeFileSync(place.at('log'), `${hitLine()}\n`);
});
afterAll(() => place.remove());

describe('a command with a stopped jail (a jail whose filter is refused)', () => {
  it.each([
    ['test', ['test'], '"good"'],
    ['backfill', ['backfill', '--dry-run'], '1 hit in 1 file'],
  ])('completes its work if it is `%s`, and ends with the exit code of a faulty configuration', async (_name, words, expected) => {
    const { code, out, err } = await trapline([...words, '--config', config, place.at('log')]);
    expect(code).toBe(78);
    expect(out).toContain(expected.replaceAll('"', ''));
    expect(err).toContain('jail "bad" is stopped: ');
    expect(err).toContain('mine.yaml:4:46: variable piece "[a-z]+" before the client address, ');
    expect(err).toContain('stopped jails: bad; the reasons are above, correct the filters and reload');
  });

  it('prints its result as JSON with --json', async () => {
    const { code, out } = await trapline(['backfill', '--dry-run', '--json', '--config', config, place.at('log')]);
    expect(code).toBe(78);
    expect(JSON.parse(out)).toMatchObject({ hits: 1 });
  });
});

describe('stopped jails', () => {
  const [jail] = STATUS.jails;
  const status = { jails: jail ? [jail, { ...jail, name: 'a', stopped: 'fault' }, { ...jail, name: 'b', stopped: 'other' }] : [] };

  it('are the jails with a reason in the status', () => {
    expect([...stoppedIn(status)]).toEqual([
      ['a', 'fault'],
      ['b', 'other'],
    ]);
  });

  it('are an empty list in the status of an older daemon, which does not report them', () => {
    expect(stoppedIn(JSON.parse(JSON.stringify({ jails: [{ ...jail, stopped: undefined }] })) as typeof status).size).toBe(0);
  });

  it('are logged with their reasons, and named in one error', () => {
    const log = recordingLog();
    logStopped(stoppedIn(status), log);
    expect(log.texts).toEqual(['jail "a" is stopped: fault', 'jail "b" is stopped: other']);
    expect(() => refuseStopped(stoppedIn(status))).toThrow('stopped jails: a, b; ');
    expect(() => refuseStopped(new Map())).not.toThrow();
  });
});
