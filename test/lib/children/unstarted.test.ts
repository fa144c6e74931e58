import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { exec, startPartner, startProgram } from '../../../src/lib/children/exec.ts';
import { shortageOf, spawnOrFail } from '../../../src/lib/children/unstarted.ts';
import { limitsSettable, withoutDescriptors } from '../../support/limits.ts';

const DEADLINE = 10_000;

/** A text that is too long for the arguments of a program. `spawn` throws the error (E2BIG of execve(2)) instead of emitting it. */
const TOO_LONG = 'x'.repeat(4_000_000);

describe.runIf(limitsSettable)('without a free descriptor', () => {
  it('exec rejects with the reason and the limit to raise, and works again afterwards', async () => {
    const refused = await withoutDescriptors(() =>
      exec(['true'], { input: 'x', deadline: DEADLINE }).catch((error: unknown) => error),
    );
    expect(refused).toMatchObject({
      code: 'EMFILE',
      message: 'this program has no free file descriptor, raise its limit (LimitNOFILE= of the unit)',
    });
    expect((await exec(['true'], { deadline: DEADLINE })).code).toBe(0);
  });

  it('a program of startProgram emits the error, ignores its input, and has an empty output', async () => {
    const [error, output] = await withoutDescriptors(async () => {
      const child = startProgram(['cat']);
      child.stdin.write('lost');
      child.stdin.end('lost');
      const [failed] = (await once(child, 'error')) as [Error];
      return [failed, await child.stdout.toArray()] as const;
    });
    expect(error).toMatchObject({ code: 'EMFILE' });
    expect(output).toEqual([]);
  });

  it('a program of startPartner has only the requested streams', async () => {
    const partner = await withoutDescriptors(async () => {
      const child = startPartner(['cat'], ['ignore', 'pipe', 'ignore']);
      await once(child, 'error');
      return child;
    });
    expect([partner.stdin, partner.stderr]).toEqual([null, null]);
    expect(await partner.stdout?.toArray()).toEqual([]);
  });
});

describe('spawnOrFail', () => {
  it('emits an error that spawn throws', async () => {
    const child = spawnOrFail('true', [TOO_LONG], { stdio: ['pipe', 'pipe', 'pipe'] });
    expect(await once(child, 'error')).toMatchObject([{ code: 'E2BIG' }]);
    expect(child.pid).toBeUndefined();
    await expect(exec(['true', TOO_LONG], { deadline: DEADLINE })).rejects.toMatchObject({ code: 'E2BIG' });
  });
});

describe('shortageOf', () => {
  it.each([
    ['EMFILE', /no free file descriptor, raise its limit/],
    ['ENFILE', /raise fs\.file-max/],
    ['EAGAIN', /limit of processes is reached/],
    ['ENOMEM', /no free memory/],
  ])('names the resource that is used up for %s, and keeps the code and the error of the system', (code, words) => {
    const error = Object.assign(new Error(`spawn nft ${code}`), { code });
    expect(shortageOf(error)).toMatchObject({ code, message: expect.stringMatching(words), cause: error });
  });

  it('returns an error with another code unchanged', () => {
    const error = Object.assign(new Error('spawn nft ENOENT'), { code: 'ENOENT' });
    expect(shortageOf(error)).toBe(error);
    expect(shortageOf(Object.assign(new Error('x'), { code: 'toString' })).message).toBe('x');
  });
});
