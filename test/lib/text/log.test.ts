import { describe, expect, it } from 'vitest';
import { createLog, LEVELS } from '../../../src/lib/text/log.ts';

describe('createLog', () => {
  it('writes lines at or above its level', () => {
    const lines: string[] = [];
    const log = createLog('notice', false, (line) => lines.push(line));
    for (const level of LEVELS) log[level](`at ${level}`);
    expect(lines).toEqual(['at notice', 'at warn', 'at error']);
  });

  it('adds the priority of syslog(3) for journald', () => {
    const lines: string[] = [];
    const log = createLog('debug', true, (line) => lines.push(line));
    for (const level of LEVELS) log[level]('x');
    expect(lines).toEqual(['<7>x', '<6>x', '<5>x', '<4>x', '<3>x']);
  });

  it('writes one line for each message, whatever characters the message contains', () => {
    const lines: string[] = [];
    createLog('info', true, (line) => lines.push(line)).info('one\n<3>two\u001b[2J');
    expect(lines).toEqual(['<6>one\\u{a}<3>two\\u{1b}[2J']);
  });

  it('shortens a text of more than 2000 characters', () => {
    const lines: string[] = [];
    createLog('info', false, (line) => lines.push(line)).info('x'.repeat(5_000_000));
    expect(lines).toEqual([`${'x'.repeat(2000)}...`]);
  });
});
