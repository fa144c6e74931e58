import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { Enforcer, loadAction } from '../../src/actions/enforce.ts';
import { ActionError, ConfigError } from '../../src/errors.ts';
import type { Action } from '../../src/words/firewall.ts';
import { RecordingAction } from '../support/actions/recording.ts';
import { entry, Folder, KeptLog, lift, manyHosts, network, set } from '../support/actions/words.ts';
import { quoted } from '../support/shell.ts';
import { until } from '../support/until.ts';

const folder = new Folder();
const open: Enforcer[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((door) => door.close()));
});
afterAll(() => folder.remove());

function enforcer(...actions: Action[]): { door: Enforcer; log: KeptLog } {
  const log = new KeptLog();
  const door = new Enforcer(actions, { log: log.log, clock: Date.now, backoff: (failures) => 20 * failures });
  open.push(door);
  return { door, log };
}

describe('enforce', () => {
  it('opens each action once, then sets and lifts bans', async () => {
    const [one, two] = [new RecordingAction('one'), new RecordingAction('two')];
    const { door } = enforcer(one, two);
    await door.open();
    await set(door, [entry('192.0.2.7'), entry('2001:db8::/64', 'forever')]);
    await lift(door, [network('192.0.2.7')]);
    await set(door, []);
    await lift(door, []);
    const calls = ['open', 'ban 192.0.2.7/32 2001:db8::/64', 'unban 192.0.2.7/32'];
    expect([one.calls, two.calls]).toEqual([calls, calls]);
    const well = { state: 'ok', works: true, blocks: true, owed: 0, lastError: null, since: null, drift: 0 };
    expect(door.status()).toEqual(['one', 'two'].map((name) => ({ name, ...well })));
  });

  it('gives each action its own changes, and skips changes for an unknown action', async () => {
    const [one, two] = [new RecordingAction('one'), new RecordingAction('two')];
    const { door } = enforcer(one, two);
    expect(door.names).toEqual(['one', 'two']);
    await door.enforce([
      { action: 'two', hold: [entry('192.0.2.1')], free: [network('192.0.2.2')] },
      { action: 'three', hold: [entry('192.0.2.3')], free: [] },
      { action: 'one', hold: [], free: [] },
    ]);
    expect([one.calls, two.calls]).toEqual([[], ['open', 'unban 192.0.2.2/32', 'ban 192.0.2.1/32']]);
  });

  it('keeps a network that one change removes and another change adds, in either order of the changes', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    const hold = { action: 'recording', hold: [entry('192.0.2.1')], free: [] };
    const free = { action: 'recording', hold: [], free: [network('192.0.2.1')] };
    await door.enforce([free, hold]);
    await door.enforce([hold, free]);
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32', 'ban 192.0.2.1/32']);
  });

  it('refuses two actions with one name', () => {
    expect(() => enforcer(new RecordingAction('one'), new RecordingAction('two'), new RecordingAction('one'))).toThrow(
      new ConfigError('actions: two actions have the name "one", remove one'),
    );
  });

  it('sets the latest of several ends of a network within one call, but the end of the last call after several calls', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    const [short, long] = [entry('192.0.2.7', 60), entry('192.0.2.7', 600)];
    await set(door, [short, long, short]);
    expect(action.held.get(network('192.0.2.7'))).toBe(long.until);
    await set(door, [long, entry('192.0.2.7', 'forever'), short]);
    expect(action.held.get(network('192.0.2.7'))).toBeNull();
    await set(door, [short]);
    expect(action.held.get(network('192.0.2.7'))).toBe(short.until);
  });

  it('tries a failing action again after 1, 2, 4 ... 60 seconds', async () => {
    vi.useFakeTimers();
    const action = new RecordingAction();
    action.failure = new ActionError('nft -f -: Operation not permitted');
    const door = new Enforcer([action], { log: new KeptLog().log, clock: Date.now });
    open.push(door);
    await door.open();
    for (const pause of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const calls = action.calls.length;
      await vi.advanceTimersByTimeAsync(pause * 1000 - 1);
      expect(action.calls).toHaveLength(calls);
      await vi.advanceTimersByTimeAsync(1);
      expect(action.calls).toHaveLength(calls + 1);
    }
  });

  it('F11: sets 50 bans in one action while another action hangs, and kills and restarts the hanging program with its children', async () => {
    const pids = `${folder.path}/pids`;
    const repaired = `${folder.path}/repaired`;
    const done = `${folder.path}/done`;
    const works = `if [ -e ${quoted(repaired)} ]; then cat >${quoted(done)}; exit 0; fi`;
    const script = `#!/bin/sh\n${works}\nsleep 600 &\necho "$$ $!" >>${quoted(pids)}\nwait\n`;
    const program = folder.write('hangs', script, 0o755);
    const path = folder.write(
      'hangs.yaml',
      `name: hangs\ndescription: hangs\nopen: []\nban: [{ argv: [${program}], stdin: "{{#all}}{{text}}\\n{{/all}}" }]\n` +
        `unban: [{ argv: [${program}] }]\nexamples: [{ verb: open }]\n`,
    );
    const quick = new RecordingAction('quick');
    const hanging = loadAction(path, {}, { log: new KeptLog().log, clock: Date.now, deadline: 500 });
    const { door } = enforcer(hanging, quick);
    const first = set(door, manyHosts(50));
    await until('the quick action has all bans', () => quick.held.size === 50);
    expect(door.status().map((one) => [one.name, one.owed])).toEqual([
      ['hangs', 50],
      ['quick', 0],
    ]);
    await first;
    await until('the second try', () => readFileSync(pids, 'utf8').trim().split('\n').length >= 2);
    const killed = readFileSync(pids, 'utf8').split('\n')[0]?.split(' ').map(Number) ?? [];
    await until('the first program and its child have ended', () => killed.every((pid) => !runs(pid)));
    expect(door.status()[0]).toMatchObject({
      state: 'failing',
      owed: 50,
      lastError: expect.stringMatching(/did not end within 0\.5 s/),
    });
    folder.write('repaired', '');
    await until('all bans are set', () => door.status()[0]?.state === 'ok');
    expect(readFileSync(done, 'utf8').trim().split('\n')).toHaveLength(50);
  });

  it.each([
    ['exits with 1', 'cat >/dev/null; echo broken >&2; exit 1', /broken/],
    ['dies in the middle of a batch', 'head -c 20 >/dev/null; kill -9 $$', /ended by SIGKILL/],
    ['dies and leaves a child that keeps its outputs open', 'sleep 600 & kill -9 $$', /ended by SIGKILL/],
    ['prints megabytes without end', 'exec yes', /did not end within/, 1000],
    ['prints megabytes of complaints and fails', 'head -c 3000000 /dev/zero | tr "\\0" x >&2; exit 1', /xxx/],
    ['is missing', undefined, /not found|cannot be started/],
  ] satisfies [string, string | undefined, RegExp, number?][])(
    'F11: keeps the bans pending for a program that %s, sets them in other actions, and tries again until the program works',
    async (_, broken, error, deadline = 60_000) => {
      const place = folder.write(`state${Math.random()}`, '');
      const program = `${place}.sh`;
      const write = (script: string): void =>
        void folder.write(program.slice(folder.path.length + 1), `#!/bin/sh\n${script}\n`, 0o755);
      if (broken !== undefined) write(broken);
      const path = folder.write(
        'breaks.yaml',
        `name: breaks\ndescription: breaks\nopen: []\nban: [{ argv: [${program}], stdin: "{{#all}}{{text}}\\n{{/all}}" }]\n` +
          `unban: [{ argv: [${program}] }]\nexamples: [{ verb: open }]\n`,
      );
      const other = new RecordingAction('other');
      const breaking = loadAction(path, {}, { log: new KeptLog().log, clock: Date.now, deadline });
      const { door } = enforcer(breaking, other);
      await set(door, manyHosts(4));
      expect(door.status()[0]).toMatchObject({ state: 'failing', owed: 4, lastError: expect.stringMatching(error) });
      expect([other.held.size, door.status()[1]?.state]).toEqual([4, 'ok']);
      write(`cat >>${place}`);
      await until('all bans are set', () => door.status()[0]?.state === 'ok');
      expect(door.status()[0]?.owed).toBe(0);
      expect(new Set(readFileSync(place, 'utf8').trim().split('\n')).size).toBe(4);
    },
  );
});

function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('sync', () => {
  it('requests the wanted bans of each action by the name of the action', async () => {
    const [one, two] = [new RecordingAction('one'), new RecordingAction('two')];
    const { door } = enforcer(one, two);
    await door.sync((action) => () => [entry(action === 'one' ? '192.0.2.1' : '192.0.2.2')]);
    expect([one, two].map((action) => [...action.held.keys()])).toEqual([['192.0.2.1/32'], ['192.0.2.2/32']]);
  });
});

describe('look', () => {
  it('asks only actions that are named and that stop packets', async () => {
    const print = Object.assign(new RecordingAction('print'), { blocks: false as const });
    const { door } = enforcer(new RecordingAction('one'), new RecordingAction('two'), print);
    await door.sync(() => () => [entry('192.0.2.1')]);
    expect(await door.look(network('192.0.2.1'), ['two', 'print'])).toEqual([{ action: 'two', held: 'held', lastError: null }]);
    expect(print.calls).not.toContain('check');
  });

  it('names the error of an action that fails', async () => {
    const action = Object.assign(new RecordingAction('one'), { failure: new ActionError('no permission') });
    const { door } = enforcer(action);
    await door.sync(() => () => [entry('192.0.2.1')]);
    expect(await door.look(network('192.0.2.1'), ['one'])).toEqual([{ action: 'one', held: 'owed', lastError: 'no permission' }]);
  });
});

describe('close', () => {
  it('does not wait for an action that hangs', async () => {
    const path = folder.write(
      'sleeps.yaml',
      'name: sleeps\ndescription: sleeps\nopen: []\nban: [{ argv: [sleep, "600"] }]\nunban: [{ argv: [sleep, "600"] }]\nexamples: [{ verb: open }]\n',
    );
    const { door } = enforcer(loadAction(path, {}, { log: new KeptLog().log, clock: Date.now, deadline: 600_000 }));
    void set(door, [entry('192.0.2.1')]);
    await door.close();
    expect(door.status()[0]?.lastError).toMatch(/^sleep 600: ended by SIGKILL/);
  });
});
