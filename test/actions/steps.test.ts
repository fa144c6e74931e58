import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Recipe } from '../../src/actions/file/recipe.ts';
import { Programs, UnusableProgram } from '../../src/actions/programs/programs.ts';
import { Steps } from '../../src/actions/steps.ts';
import { ActionError } from '../../src/errors.ts';
import { scripted } from '../support/actions/scripted.ts';
import { entry, Folder, KeptLog } from '../support/actions/words.ts';

const folder = new Folder();
afterAll(() => folder.remove());

/** The steps of an action file whose programs are scripts. `open`, `ban` and `unban` have one step without input if `more` does not define them. */
function steps(
  more: string,
  scripts: Record<string, string> = {},
  only4 = false,
): { steps: Steps; calls: () => string[]; log: KeptLog } {
  const left = ['open', 'ban', 'unban'].filter((verb) => !new RegExp(`^${verb}:`, 'm').test(more));
  const { path, calls } = scripted(folder, [...left.map((verb) => `${verb}: [{ argv: [$${verb}] }]`), more].join('\n'), scripts);
  const log = new KeptLog();
  const programs = new Programs({ deadline: 60_000 });
  const recipe = new Recipe(path, { options: {} });
  return { steps: new Steps({ recipe, programs, clock: Date.now, log: log.log, only4 }), calls, log };
}

const ONE = [entry('192.0.2.7')];
const BOTH = [entry('192.0.2.7'), entry('2001:db8::7')];

const MIXED = 'ban: [{ argv: [$ban, first] }, { argv: [$probe] }, { argv: [$ban, last] }]';

describe('the steps of a verb', () => {
  it('are all run, also after a refused step, and the first refusal gives the reason', async () => {
    const { steps: mine, calls } = steps(MIXED, { probe: 'echo "no database" >&2; exit 1' });
    expect(await mine.perform('ban', ONE)).toEqual({ because: expect.stringMatching(/: no database$/), byElement: true });
    expect(calls()).toEqual(['ban first', 'probe', 'ban last']);
  });

  it('are all run, also after a step whose program is missing, and no network counts as the cause', async () => {
    const { steps: mine, calls } = steps(MIXED.replace('$probe', '$gone'));
    expect(await mine.perform('ban', ONE)).toEqual({
      because: expect.stringMatching(/: not found, install it$/),
      byElement: false,
    });
    expect(calls()).toEqual(['ban first', 'ban last']);
  });

  it('reject when every program of the verb is missing, and when a program is killed', async () => {
    await expect(steps('ban: [{ argv: [$gone] }, { argv: [$away] }]').steps.perform('ban', ONE)).rejects.toThrow(UnusableProgram);
    const { steps: mine, calls } = steps(MIXED, { probe: 'kill -KILL $$' });
    await expect(mine.perform('ban', ONE)).rejects.toThrow(/ended by SIGKILL$/);
    expect(calls()).toEqual(['ban first', 'probe']);
  });

  it('end with the first refused step when they look up networks', async () => {
    const { steps: mine, calls } = steps('holds: [{ argv: [$probe] }, { argv: [$list] }]', { probe: 'exit 1' });
    expect(await mine.perform('holds', ONE)).toMatchObject({ byElement: true });
    expect(calls()).toEqual(['probe']);
  });

  it('may fail when they are optional: no ban is refused, and the failure is logged once until the step succeeds again', async () => {
    const flag = `${folder.path}/flag`;
    const { steps: mine, log } = steps('ban: [{ argv: [$ban] }, { argv: [$probe], optional: true }]', { probe: `test -e ${flag}` });
    for (const there of [false, false, true, false]) {
      if (there) folder.write('flag', '');
      else rmSync(flag, { force: true });
      expect(await mine.perform('ban', ONE)).toBeUndefined();
    }
    const line = expect.stringMatching(/^notice: mine: .*probe\d+: exit code 1; the bans are in force nevertheless$/) as string;
    expect(log.lines).toEqual([line, line]);
    const { steps: other, log: lines } = steps('ban: [{ argv: [$ban] }, { argv: [$gone], optional: true }]');
    expect(await other.perform('ban', ONE)).toBeUndefined();
    expect(lines.lines).toEqual([expect.stringMatching(/not found, install it; the bans are in force nevertheless$/)]);
  });

  it('do not count as success when they are optional and all other steps fail', async () => {
    const { steps: mine } = steps('ban: [{ argv: [$gone] }, { argv: [$probe], optional: true }]');
    expect(await mine.perform('ban', ONE)).toMatchObject({ byElement: false });
  });
});

const FAMILIES = `
open: [{ family: 4, argv: [$open, "4a"] }, { family: 6, argv: [$probe, "6a"] }, { family: 4, argv: [$open, "4b"] }, { family: 6, argv: [$probe, "6b"] }]
ban: [{ family: 4, argv: [$ban, "4"] }, { family: 6, argv: [$ban, "6"] }]
list: [{ family: 4, argv: [$list, "4"], parse: (.+) }, { family: 6, argv: [$list, "6"], parse: (.+) }]`;

describe('Steps.open', () => {
  it('marks a family as broken when only its steps fail, and runs no step of this family until the next open', async () => {
    const flag = `${folder.path}/opens`;
    const { steps: mine, calls, log } = steps(FAMILIES, { probe: `test -e ${flag}`, list: 'echo 192.0.2.7' });
    await mine.open();
    await mine.open();
    expect(mine.broken).toEqual({ family: 6, because: expect.stringMatching(/probe\d+ 6a: exit code 1$/) });
    await mine.perform('ban', BOTH);
    expect(await mine.list()).toEqual(['192.0.2.7/32']);
    expect(calls().slice(3)).toEqual(['open 4a', 'probe 6a', 'open 4b', 'ban 4', 'list 4']);
    expect(log.lines).toEqual([expect.stringMatching(/^notice: mine: .* 6a: exit code 1; only IPv4 addresses are banned$/)]);
    folder.write('opens', '');
    await mine.open();
    expect(mine.broken).toBeUndefined();
    expect(await mine.perform('ban', BOTH)).toBeUndefined();
    expect(calls().slice(-2)).toEqual(['ban 4', 'ban 6']);
  });

  it('marks IPv4 as broken when only the IPv4 steps fail', async () => {
    const { steps: mine } = steps(FAMILIES, { open: 'exit 1' });
    await mine.open();
    expect(mine.broken).toMatchObject({ family: 4 });
  });

  it('fails when both families fail, when a step of no family fails, and when there is only one family', async () => {
    const fails = { open: 'echo "no 4" >&2; exit 1', probe: 'echo "no 6" >&2; exit 1' };
    await expect(steps(FAMILIES, fails).steps.open()).rejects.toThrow(/no 4$/);
    const plain = `${FAMILIES}\n`.replace('open: [', 'open: [{ argv: [$replace] }, ');
    const { steps: mine, calls } = steps(plain, { replace: 'echo "no rules" >&2; exit 1' });
    await expect(mine.open()).rejects.toThrow(ActionError);
    expect(calls()).toEqual(['replace']);
    await expect(steps(FAMILIES, { open: 'echo "no 4" >&2; exit 1' }, true).steps.open()).rejects.toThrow(/no 4$/);
    await expect(steps('open: [{ family: 6, argv: [$probe] }]', fails).steps.open()).rejects.toThrow(/no 6$/);
  });

  it('fails when a program of either family is killed', async () => {
    await expect(steps(FAMILIES, { probe: 'kill -KILL $$' }).steps.open()).rejects.toThrow(/ended by SIGKILL$/);
  });
});

describe('Steps.list', () => {
  it('resolves to the reason when a step is refused', async () => {
    const { steps: mine } = steps('list: [{ argv: [$list], parse: (.+) }]', { list: 'echo "Invalid argument" >&2; exit 1' });
    expect(await mine.list()).toEqual({ refused: expect.stringMatching(/: Invalid argument$/) });
  });
});
