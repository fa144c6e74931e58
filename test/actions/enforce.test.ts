import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Enforcer, loadAction } from '../../src/actions/enforce.ts';
import { ActionError } from '../../src/errors.ts';
import type { Action, Entry, Wanted } from '../../src/types.ts';
import { RecordingAction } from '../support/actions-recording.ts';
import { entry, Folder, KeptLog, manyHosts, network } from '../support/actions-words.ts';
import { until } from '../support/e2e-until.ts';

const folder = new Folder();
const open: Enforcer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((door) => door.close()));
});
afterAll(() => folder.remove());

function enforcer(...actions: Action[]): { door: Enforcer; log: KeptLog } {
  const log = new KeptLog();
  const door = new Enforcer(actions, { log: log.log, clock: Date.now, backoff: (failures) => 20 * failures });
  open.push(door);
  return { door, log };
}

/** A gate that keeps an action busy until it is opened. */
function gate(): { shut: Promise<void>; open: () => void } {
  const released = new EventEmitter();
  const shut = once(released, 'open').then(() => undefined);
  return { shut, open: () => void released.emit('open') };
}

const down = new ActionError('nft -f -: Operation not permitted');

describe('enforce', () => {
  it('opens each action once, then bans and lifts', async () => {
    const [one, two] = [new RecordingAction('one'), new RecordingAction('two')];
    const { door } = enforcer(one, two);
    await door.open();
    await door.enforce([entry('192.0.2.7'), entry('2001:db8::/64', 'forever')]);
    await door.lift([network('192.0.2.7')]);
    await door.enforce([]);
    await door.lift([]);
    const calls = ['open', 'ban 192.0.2.7/32 2001:db8::/64', 'unban 192.0.2.7/32'];
    expect([one.calls, two.calls]).toEqual([calls, calls]);
    expect(door.status()).toEqual(['one', 'two'].map((name) => ({ name, state: 'ok', owed: 0, lastError: null, drift: 0 })));
  });

  it('merges what comes in while a batch is running, and makes one call at a time', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await door.open();
    const busy = gate();
    action.gate = busy.shut;
    const first = door.enforce([entry('192.0.2.1')]);
    await until('the first call', () => action.calls.length === 2);
    const wave = manyHosts(10_000).map((one) => door.enforce([one]));
    const rest = door.lift([network('10.0.0.1')]);
    expect(door.status()[0]?.owed).toBe(10_001);
    busy.open();
    await Promise.all([first, ...wave, rest]);
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32', 'unban 10.0.0.1/32', 'ban 9999 networks']);
    expect(action.most).toBe(1);
  });

  it('takes what comes in the same breath as one batch', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await Promise.all(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((text) => door.enforce([entry(text)])));
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32 192.0.2.2/32 192.0.2.3/32']);
  });

  it('takes the latest end of several for one network in a call, and the last of several calls', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    const [short, long] = [entry('192.0.2.7', 60), entry('192.0.2.7', 600)];
    await door.enforce([short, long, short]);
    expect(action.held.get(network('192.0.2.7'))).toBe(long.until);
    await door.enforce([long, entry('192.0.2.7', 'forever'), short]);
    expect(action.held.get(network('192.0.2.7'))).toBeNull();
    await door.enforce([short]);
    expect(action.held.get(network('192.0.2.7'))).toBe(short.until);
  });

  it('owes what fails, says so once, and tries again with back-off until it is done', async () => {
    const action = new RecordingAction();
    const { door, log } = enforcer(action);
    action.failure = down;
    await door.open();
    await door.enforce([entry('192.0.2.1'), entry('192.0.2.2')]);
    await door.enforce([entry('192.0.2.3')]);
    await door.lift([network('192.0.2.2')]);
    expect(door.status()).toEqual([{ name: 'recording', state: 'failing', owed: 3, lastError: down.message, drift: 0 }]);
    await until('three more tries', () => action.calls.length >= 4);
    action.failure = undefined;
    await until('all is done', () => door.status()[0]?.state === 'ok');
    expect([...action.held.keys()]).toEqual(['192.0.2.1/32', '192.0.2.3/32']);
    expect(log.lines).toEqual([
      `error: recording: ${down.message}; bans are owed, next try in 0s`,
      'notice: recording: works again',
    ]);
  });

  it('opens again after a failure, for somebody may have taken the table away', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await door.open();
    action.failure = down;
    await door.enforce([entry('192.0.2.1')]);
    action.failure = undefined;
    await until('the ban', () => action.held.size === 1);
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32', 'open', 'ban 192.0.2.1/32']);
  });

  it('does not set a ban that ended while it was owed', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await door.open();
    await door.enforce([{ network: network('192.0.2.1'), until: Date.now() - 1 }]);
    expect(action.calls).toEqual(['open', 'unban 192.0.2.1/32']);
  });

  it('F05: owes what is refused, says so, and does not hold up the rest', async () => {
    const action = new RecordingAction();
    const { door, log } = enforcer(action);
    action.refuses.add(network('192.0.2.1'));
    await door.enforce([entry('192.0.2.1'), entry('192.0.2.2')]);
    await door.enforce([entry('192.0.2.3')]);
    expect([...action.held.keys()]).toEqual(['192.0.2.2/32', '192.0.2.3/32']);
    expect(door.status()[0]).toEqual({ name: 'recording', state: 'failing', owed: 1, lastError: 'no room (192.0.2.1)', drift: 0 });
    expect(log.lines).toEqual(['warn: recording: no room (192.0.2.1); not in force, tried again later']);
    action.refuses.clear();
    await until('the refused one is in', () => action.held.size === 3);
    await until('all is well', () => door.status()[0]?.state === 'ok');
  });

  it('leaves alone what an action does not cover', async () => {
    const action = Object.assign(new RecordingAction(), { covers: (one: string) => !one.includes(':') });
    const { door } = enforcer(action);
    await door.sync(() => [entry('192.0.2.1'), entry('2001:db8::1')]);
    await door.enforce([entry('2001:db8::2')]);
    await door.sync(() => [entry('192.0.2.1'), entry('2001:db8::1')]);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32', 'list']);
    expect(door.status()[0]?.drift).toBe(0);
  });

  it('F11: sets 50 bans at once in one action while another hangs; that one is killed with its children and tried again', async () => {
    const pids = `${folder.path}/pids`;
    const repaired = `${folder.path}/repaired`;
    const done = `${folder.path}/done`;
    const script = `#!/bin/sh\nif [ -e ${repaired} ]; then cat >${done}; exit 0; fi\nsleep 600 &\necho "$$ $!" >>${pids}\nwait\n`;
    const program = folder.write('hangs', script, 0o755);
    const path = folder.write(
      'hangs.yaml',
      `name: hangs\ndescription: hangs\nopen: []\nban: [{ argv: [${program}], stdin: "{{#all}}{{text}}\\n{{/all}}" }]\n` +
        `unban: [{ argv: [${program}] }]\nexamples: [{ verb: open }]\n`,
    );
    const quick = new RecordingAction('quick');
    const hanging = loadAction(path, {}, { log: new KeptLog().log, clock: Date.now, deadline: 500 });
    const { door } = enforcer(hanging, quick);
    const first = door.enforce(manyHosts(50));
    await until('the quick action has them', () => quick.held.size === 50);
    expect(door.status().map((one) => [one.name, one.owed])).toEqual([
      ['hangs', 50],
      ['quick', 0],
    ]);
    await first;
    await until('the second try', () => readFileSync(pids, 'utf8').trim().split('\n').length >= 2);
    const killed = readFileSync(pids, 'utf8').split('\n')[0]?.split(' ').map(Number) ?? [];
    await until('the first try is dead, with its child', () => killed.every((pid) => !runs(pid)));
    expect(door.status()[0]).toMatchObject({
      state: 'failing',
      owed: 50,
      lastError: expect.stringMatching(/did not end within 0\.5 s/),
    });
    folder.write('repaired', '');
    await until('all is done', () => door.status()[0]?.state === 'ok');
    expect(readFileSync(done, 'utf8').trim().split('\n')).toHaveLength(50);
  });

  it.each([
    ['exits with 1', 'cat >/dev/null; echo broken >&2; exit 1', /broken/],
    ['dies in the middle of a batch', 'head -c 20 >/dev/null; kill -9 $$', /ended by SIGKILL/],
    ['dies and leaves a child that holds on to its outputs', 'sleep 600 & kill -9 $$', /ended by SIGKILL/],
    ['prints megabytes without end', 'exec yes', /did not end within/],
    ['prints megabytes of complaints and fails', 'head -c 3000000 /dev/zero | tr "\\0" x >&2; exit 1', /xxx/],
    ['is missing', undefined, /not found|cannot be started/],
  ])(
    'F11: owes what a program that %s was given, sets it in others, and gives it again when it works',
    async (_, broken, error) => {
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
      const breaking = loadAction(path, {}, { log: new KeptLog().log, clock: Date.now, deadline: 2000 });
      const { door } = enforcer(breaking, other);
      await door.enforce(manyHosts(4));
      expect(door.status()[0]).toMatchObject({ state: 'failing', owed: 4, lastError: expect.stringMatching(error) });
      expect([other.held.size, door.status()[1]?.state]).toEqual([4, 'ok']);
      write(`cat >>${place}`);
      await until('all is done', () => door.status()[0]?.state === 'ok');
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
  const wanted = [entry('192.0.2.1'), entry('192.0.2.2', 'forever')];

  it('B14: replaces everything in one call the first time, whatever is there', async () => {
    const action = new RecordingAction();
    action.held.set(network('203.0.113.9'), null);
    const { door, log } = enforcer(action);
    await door.open();
    await door.sync(() => manyHosts(20_000));
    expect(action.calls).toEqual(['open', 'replace 20000 networks']);
    expect(action.held.size).toBe(20_000);
    expect([door.status()[0]?.drift, log.lines]).toEqual([0, []]);
  });

  it('changes nothing when nothing differs', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await door.sync(() => wanted);
    await door.sync(() => wanted);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32 192.0.2.2/32', 'list']);
  });

  it('F01: sets right what somebody else changed, and counts it', async () => {
    const action = new RecordingAction();
    const { door, log } = enforcer(action);
    await door.sync(() => wanted);
    action.held.clear();
    action.held.set(network('203.0.113.9'), null);
    await door.sync(() => wanted);
    expect([...action.held.keys()]).toEqual(['192.0.2.1/32', '192.0.2.2/32']);
    expect(door.status()[0]?.drift).toBe(3);
    expect(log.lines).toEqual(['warn: recording: 2 bans were missing and 1 were too many; setting that right']);
  });

  it('does not count as drift what waits to be done, or what ends just now', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    const ending = { network: network('192.0.2.3'), until: Date.now() + 1000 };
    await door.sync(() => wanted);
    const busy = gate();
    action.gate = busy.shut;
    const synced = door.sync(() => [...wanted.slice(1), ending, entry('192.0.2.4')]);
    await until('the list', () => action.calls.at(-1) === 'list');
    const changes = [door.enforce([entry('192.0.2.4')]), door.lift([network('192.0.2.1')])];
    busy.open();
    await Promise.all([synced, ...changes]);
    expect(door.status()[0]?.drift).toBe(0);
    expect(action.calls.slice(2)).toEqual(['list', 'unban 192.0.2.1/32', 'ban 192.0.2.4/32']);
  });

  it('leaves out what has ended', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await door.sync(() => [...wanted, { network: network('192.0.2.9'), until: Date.now() - 1 }]);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32 192.0.2.2/32']);
  });

  it('asks for what is wanted when its turn comes, and covers what waited until then', async () => {
    const action = new RecordingAction();
    action.failure = down;
    const { door } = enforcer(action);
    const ledger: Entry[] = [entry('192.0.2.1')];
    await door.open();
    await door.sync(() => ledger);
    expect(door.status()[0]?.owed).toBe(1);
    ledger.push(entry('192.0.2.2'));
    await door.enforce(ledger.slice(1));
    action.failure = undefined;
    await until('both are in', () => action.held.size === 2);
    await until('all is well', () => door.status()[0]?.state === 'ok');
    expect(action.calls.at(-1)).toBe('replace 192.0.2.1/32 192.0.2.2/32');
    expect(action.calls.some((call) => call.startsWith('ban'))).toBe(false);
  });

  it('B10: of more bans than are to be listed looks at a sample, and sets all of them when one is missing', async () => {
    const action = new RecordingAction('recording', { listable: 100 });
    const { door } = enforcer(action);
    const hosts = manyHosts(1000);
    let from = 0;
    const many: Wanted = (most) => {
      if (hosts.length <= most) return hosts;
      from += 10;
      return { sample: hosts.slice(from - 10, from), count: hosts.length };
    };
    await door.sync(many);
    await door.sync(many);
    action.held.delete(network('10.0.0.15'));
    await door.sync(many);
    expect(action.calls.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual([
      'open',
      'replace 1000',
      'holds 10.0.0.1/32',
      'open',
      'holds 10.0.0.11/32',
      'open',
      'replace 1000',
    ]);
    expect(action.held.size).toBe(1000);
    expect(door.status()[0]).toMatchObject({ drift: 1, owed: 0, state: 'ok' });
  });

  it('sets ends beyond the horizon again before they run out', async () => {
    const action = new RecordingAction('ipset', { horizon: 1000 });
    let now = 1_000_000;
    const door = new Enforcer([action], { log: new KeptLog().log, clock: () => now });
    open.push(door);
    const far = [{ network: network('192.0.2.1'), until: now + 5000 }];
    const near = [{ network: network('192.0.2.1'), until: now + 900 }];
    await door.sync(() => far);
    now += 400;
    await door.sync(() => far);
    now += 200;
    await door.sync(() => near);
    await door.sync(() => far);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32', 'list', 'list', 'list', 'replace 192.0.2.1/32']);
  });
});

describe('a change of the firewall that is told of', () => {
  const wanted = [entry('192.0.2.1')];

  it('F01: is looked up, and set right, without waiting for the next sync', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await door.sync(() => wanted);
    action.held.clear();
    action.ring();
    await until('it is back', () => action.held.size === 1 && action.calls.at(-1) === 'replace 192.0.2.1/32');
    expect(door.status()[0]?.drift).toBe(1);
  });

  it('costs nothing before anything is wanted, and after the end', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    action.ring();
    await door.open();
    action.ring();
    await door.close();
    action.ring();
    expect(action.calls).toEqual(['open', 'close']);
  });

  it('leads to no second look when it was the own one', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await door.sync(() => wanted);
    const replace = action.replace.bind(action);
    action.replace = (entries) => {
      action.ring();
      return replace(entries);
    };
    action.held.clear();
    action.ring();
    await until('it is back', () => action.held.size === 1);
    await until('the look after it', () => action.calls.at(-1) === 'list');
    expect(action.calls.filter((call) => call === 'list')).toHaveLength(2);
    expect(door.status()[0]?.drift).toBe(1);
  });
});

describe('close', () => {
  it('waits for what is in hand, does what waits, and ends the action', async () => {
    const action = new RecordingAction();
    const { door } = enforcer(action);
    await door.open();
    void door.enforce([entry('192.0.2.1')]);
    await door.close();
    await door.enforce([entry('192.0.2.2')]);
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32', 'close']);
  });

  it('does not wait for an action that hangs', async () => {
    const path = folder.write(
      'sleeps.yaml',
      'name: sleeps\ndescription: sleeps\nopen: []\nban: [{ argv: [sleep, "600"] }]\nunban: [{ argv: [sleep, "600"] }]\nexamples: [{ verb: open }]\n',
    );
    const { door } = enforcer(loadAction(path, {}, { log: new KeptLog().log, clock: Date.now, deadline: 600_000 }));
    void door.enforce([entry('192.0.2.1')]);
    await door.close();
    expect(door.status()[0]?.lastError).toMatch(/^sleep 600: ended by SIGKILL/);
  });
});
