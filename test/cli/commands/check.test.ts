import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchPlace, trapline, type Ran } from '../../support/cli/command-line.ts';
import { root } from '../../support/privileges.ts';

const place = scratchPlace();
afterAll(() => place.remove());
mkdirSync(place.at('filters'));
mkdirSync(place.at('actions'));
const FOLDERS = `filters_folder: ${place.at('filters')}\nactions_folder: ${place.at('actions')}\n`;

/** Checks a configuration with the action print. */
const check = (yaml: string, ...flags: string[]): Promise<Ran> => {
  writeFileSync(place.at('c.yaml'), yaml);
  return trapline(['check', '--config', place.at('c.yaml'), ...flags]);
};

describe('trapline check', () => {
  writeFileSync(place.at('log'), '');
  const GOOD = `${FOLDERS}actions: [print]\nsources: [${place.at('log')}]\n`;

  it('prints one line when nothing is wrong', async () => {
    expect(await check(GOOD)).toEqual({ code: 0, out: 'configuration, 3 filters, 5 actions: ok\n', err: '' });
  });

  it('prints a line for each file and setting with --verbose', async () => {
    const { out } = await check(GOOD, '--verbose');
    const lines = out.trimEnd().split('\n');
    expect(lines.slice(0, 4)).toEqual([
      `${place.at('c.yaml')}: ok`,
      'actions: ok',
      'sources: ok',
      `source file:${place.at('log')}: ok`,
    ]);
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/\/filters\/postfix-spamtrap\.yaml: ok$/)]));
    expect(lines.at(-1)).toBe('configuration, 3 filters, 5 actions: ok');
  });

  it('C11: prints every fault of the configuration, on the terminal too', async () => {
    const faults = [':1:1: unknown key "colour"', ':2:21: "defaults.bantime": "soon"', ':3:1: unknown key "shape"'];
    const { code, out, err } = await check('colour: red\ndefaults: {bantime: soon}\nshape: round\n');
    expect([code, err]).toEqual([78, 'trapline: 3 problems found, see above\n']);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const [index, fault] of faults.entries()) expect(lines[index]).toContain(fault);
    expect(out).not.toContain('more)');
  });

  it('C4: prints JSON, and nothing else, whatever is wrong', async () => {
    const faulty = await check('colour: red\nshape: round\n', '--json');
    expect([faulty.code, faulty.err]).toEqual([78, '']);
    const problems = [/c\.yaml:1:1: unknown key "colour"/, /c\.yaml:2:1: unknown key "shape"/].map((text): unknown =>
      expect.stringMatching(text),
    );
    expect(JSON.parse(faulty.out)).toEqual({ ok: false, checked: [{ kind: 'configuration', name: place.at('c.yaml'), problems }] });

    writeFileSync(place.at('filters/mine.yaml'), 'nothing: here\nmore: there\n');
    const filter = await check(GOOD, '--json');
    expect([filter.code, filter.err]).toEqual([78, '']);
    const { checked } = JSON.parse(filter.out) as { checked: { name: string; problems: string[] }[] };
    const found = checked.find(({ name }) => name === place.at('filters/mine.yaml'));
    expect(found?.problems.length).toBeGreaterThan(1);
    writeFileSync(place.at('filters/mine.yaml'), '');

    const missing = await trapline(['check', '--json', '--config', place.at('none.yaml')]);
    expect([missing.code, missing.err]).toEqual([78, '']);
    expect(JSON.parse(missing.out)).toMatchObject({
      ok: false,
      checked: [{ problems: [expect.stringContaining('there is no such file')] }],
    });
  });

  it.runIf(root)('C13: asks the firewall, and ends with exit code 78 when it refuses; --files-only does not ask', async () => {
    const fw = place.at('fw');
    writeFileSync(fw, '#!/bin/sh\necho Operation not permitted >&2\nexit 1\n');
    chmodSync(fw, 0o755);
    const steps = ['open', 'ban', 'unban', 'probe'].map((verb) => `${verb}: [{argv: [${fw}]}]\n`).join('');
    writeFileSync(place.at('actions/own.yaml'), `name: own\ndescription: x\n${steps}examples: [{verb: open}]\n`);
    writeFileSync(place.at('filters/mine.yaml'), '');
    const config = `actions_folder: ${place.at('actions')}\nactions: [own]\nsources: [${place.at('log')}]\n`;
    const asked = await check(config);
    expect(asked).toMatchObject({ code: 78, err: 'trapline: 1 problem found, see above\n' });
    expect(asked.out).toMatch(/^firewall own: .*: Operation not permitted.*\n$/);
    expect(await check(config, '--files-only')).toEqual({ code: 0, out: 'configuration, 3 filters, 6 actions: ok\n', err: '' });
  });

  it('C13: notes a log that does not exist yet', async () => {
    const { code, out } = await check(`actions: [print]\nsources: [${place.at('nothere.log')}]\n`);
    expect([code, out]).toEqual([
      0,
      `note: source ${place.at('nothere.log')}: no such file, a daemon waits for it\nconfiguration, 3 filters, 5 actions: ok\n`,
    ]);
  });

  it('N018: notes lines at the end of a log with the words of a trap that no rule takes', async () => {
    const line =
      'weird | Nov 25 00:03:16 mx postfix/smtpd[1]: NOQUEUE: discard: RCPT from x[203.0.113.1]: <trap@example.com>: Recipient address triggers spamtrap; from=<a@example.org> to=<trap@example.com> proto=ESMTP helo=<c>';
    writeFileSync(place.at('near.log'), `${line}\nnone\n${line}\n`);
    const config = `actions: [print]\nsources: [${place.at('near.log')}]\n`;
    const { code, out } = await check(config);
    expect([code, out]).toEqual([
      0,
      `note: source file:${place.at('near.log')}: 2 lines at its end with the words of a trap are no hits: the log prefix before the message is unknown; the first is: ${line}\n` +
        'configuration, 3 filters, 5 actions: ok\n',
    ]);
    expect((await check(config, '--files-only')).out).toBe('configuration, 3 filters, 5 actions: ok\n');
  });

  it('notes that no log is followed', async () => {
    expect(await check('actions: [print]\nsources: []\n')).toMatchObject({
      code: 0,
      out: 'note: "sources" is an empty list, so a daemon follows no log and bans only by hand\nconfiguration, 3 filters, 5 actions: ok\n',
    });
  });

  it('takes the envelope of a source off the lines at the end of its log', async () => {
    const line =
      'Nov 25 00:03:16 mx postfix/smtpd[1]: NOQUEUE: discard: RCPT from x[203.0.113.1]: <trap@example.com>: Recipient address triggers spamtrap; from=<a@example.org> to=<trap@example.com> proto=ESMTP helo=<c>';
    writeFileSync(place.at('mail-json.log'), `{"log":"${line}\\n","stream":"stdout","time":"2026-11-25T00:03:16.467434244Z"}\n`);
    const source = (more: string): string =>
      `actions: [print]\nsources: [{type: file, path: ${place.at('mail-json.log')}${more}}]\n`;
    expect(await check(source(', envelope: docker'))).toMatchObject({ code: 0, out: 'configuration, 3 filters, 5 actions: ok\n' });
    expect((await check(source(', envelope: cri'))).out).toBe(
      `note: source file:${place.at('mail-json.log')}: no line at its end has the envelope that the option "envelope" names, so no line is a hit\n` +
        'configuration, 3 filters, 5 actions: ok\n',
    );
    expect((await check(source(''))).out).toContain('the line is in an envelope, set "envelope: docker" for its source; ');
  });
});
