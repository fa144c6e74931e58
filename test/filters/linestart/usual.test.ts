import { describe, expect, it } from 'vitest';
import { ANY_START, HOST_OF, lineStart } from '../../../src/filters/linestart/usual.ts';

describe('the usual start of a line', () => {
  it.each([
    ['Nov 28 17:00:00 mx a[1]: ', 'mx'],
    ['Nov 28 2026 17:00:00.123 mx a: ', 'mx'],
    ['<22>Nov  8 17:00:00 <mail.info> mx a/b[1]: [ID 197553 mail.info] ', 'mx'],
    ['2026-11-28T17:00:00,5+01:00 2001:db8::1 a[1]: ', '2001:db8::1'],
    ['<22>1 2026-11-28T17:00:00Z mx a 1 - [b c="d\\" e"] ', undefined],
    ['<22>1 - mx a - x - \xef\xbb\xbf', undefined],
  ])('ends before the message, and shows the host in RFC 3164: %s', (start, host) => {
    expect(ANY_START.exec(`${start}message`)?.[0]).toBe(start);
    expect(HOST_OF.exec(`${start}message`)?.groups?.['host']).toBe(host);
  });

  it.each([
    'Nov 28 17:00:00 mx mail.info a[1]: ',
    'Nov 28 17:00:00 a[1]: ',
    'Nov 28 17:00 mx a[1]: ',
    ' Nov 28 17:00:00 mx a[1]: ',
    '2026-11-28T17:00:00Z mx a 1 - - ',
    '<22>1 2026-11-28T17:00:00Z mx a 1 - ',
    'a[1]: ',
  ])('is not found in another form: %s', (start) => {
    expect(ANY_START.test(`${start}message`)).toBe(false);
  });

  it('has the program that is asked for', () => {
    const start = new RegExp(`^${lineStart('a', 'a 1')}`);
    expect(['a: ', 'b: ', 'a[1]: '].map((tag) => start.test(`Nov 28 17:00:00 mx ${tag}`))).toEqual([true, false, false]);
  });
});
