import { describe, expect, it } from 'vitest';
import { hitOf, hostOf, keyOf } from '../../src/filters/hit.ts';
import { NEAR } from '../support/filters/lines.ts';

const LINE = 'Jun  1 10:00:00 mx1 postfix/smtpd[1]: trapped a[192.0.2.1]';

const hit = (groups: Record<string, string | undefined>, line = LINE): ReturnType<typeof hitOf> =>
  hitOf({ jail: 'one', rule: 'plain', groups }, line, NEAR);

describe('hitOf', () => {
  it('has address, time and fields of the line', () => {
    expect(hit({ address: '192.0.2.1', trap: 'a@b', sender: undefined })).toEqual({
      jail: 'one',
      rule: 'plain',
      address: '192.0.2.1',
      at: new Date(2026, 5, 1, 10).getTime(),
      key: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      fields: { trap: 'a@b' },
    });
  });

  it.each([undefined, '', 'unknown', '999.1.1.1', '192.0.2.010', '192.0.2.1:25'])(
    'is undefined without a valid address: %s',
    (address) => {
      expect(hit({ address })).toBeUndefined();
    },
  );

  it('has the time of the batch for a line without a time', () => {
    expect(hit({ address: '192.0.2.1' }, 'trapped a[192.0.2.1]')?.at).toBe(NEAR);
  });

  it('cuts fields at 512 bytes', () => {
    expect(hit({ address: '192.0.2.1', trap: 'x'.repeat(512) })?.fields.trap).toHaveLength(512);
    expect(hit({ address: '192.0.2.1', trap: 'x'.repeat(513) })?.fields.trap).toHaveLength(512);
  });

  it('decodes fields as UTF-8', () => {
    expect(hit({ address: '192.0.2.1', trap: 'l\xc3\xb6 \xff' })?.fields.trap).toBe('lö \ufffd');
  });

  it('has an equal key for an equal message, whatever text is before the message and whatever blanks are after it', () => {
    const key = hit({ address: '192.0.2.1' })?.key;
    expect(hit({ address: '192.0.2.1' }, `${LINE}  `)?.key).toBe(key);
    expect(hit({ address: '192.0.2.1' }, LINE.replace('mx1', 'mx2'))?.key).toBe(key);
    expect(hit({ address: '192.0.2.1' }, `${LINE}!`)?.key).not.toBe(key);
  });
});

describe('keyOf', () => {
  it('returns an equal key within one second, and another key in the next second', () => {
    expect(keyOf(1999, 'x')).toBe(keyOf(1000, 'x'));
    expect(keyOf(2000, 'x')).not.toBe(keyOf(1999, 'x'));
  });
});

describe('hostOf', () => {
  it.each([
    [LINE, 'mx1'],
    ['<22>2026-06-01T08:00:00Z <mail.info> mx1 postfix/smtpd[1]: x', 'mx1'],
    ['<22>1 2026-06-01T08:00:00Z mx1 postfix/smtpd 1 - - x', undefined],
    ['not a log line', undefined],
  ])('returns for %s: %s', (line, host) => {
    expect(hostOf(line)).toBe(host);
  });
});
