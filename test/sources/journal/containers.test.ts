import { describe, expect, it } from 'vitest';
import { Containers } from '../../../src/sources/journal/containers.ts';
import type { JournalEntry } from '../../../src/sources/journal/entry.ts';

const LINE = 'Nov 28 17:00:00 mx postfix/smtpd[1]: connect from unknown[192.0.2.10]';

const docker = (fields: Record<string, unknown> = {}): JournalEntry => ({
  __REALTIME_TIMESTAMP: '1795885200467434',
  _HOSTNAME: 'host',
  _UID: '0',
  _COMM: 'dockerd',
  _EXE: '/usr/bin/dockerd',
  _SYSTEMD_UNIT: 'docker.service',
  SYSLOG_IDENTIFIER: '3f2a1b0c9d8e',
  PRIORITY: '6',
  CONTAINER_NAME: 'mail',
  MESSAGE: LINE,
  ...fields,
});

const podman = { _COMM: 'conmon', _EXE: '/usr/bin/conmon', _SYSTEMD_UNIT: 'libpod-conmon-3f2a.scope' };

const lineOf = (entry: JournalEntry): string | undefined => new Containers(['mail']).lineOf(entry)?.toString();

describe('an entry of a container', () => {
  it('is a line with the date of the entry', () => {
    expect(lineOf(docker())).toBe(`2026-11-28T17:00:00.467434+00:00 stdout F ${LINE}\n`);
    expect(lineOf(docker(podman))).toBe(`2026-11-28T17:00:00.467434+00:00 stdout F ${LINE}\n`);
  });

  it.each([
    ['another container', { CONTAINER_NAME: 'web' }],
    ['no container', { CONTAINER_NAME: undefined }],
    ['two names', { CONTAINER_NAME: ['mail', 'web'] }],
    ['another user', { _UID: '1000' }],
    ['another program', { _COMM: 'logger' }],
    ['another program with the name of Docker', { _EXE: '/home/jane/dockerd' }],
    ['a program whose file is not known', { _EXE: undefined }],
    ['another unit', { _SYSTEMD_UNIT: 'cron.service' }],
    ['no unit', { _SYSTEMD_UNIT: undefined }],
    ['conmon of another user', { ...podman, _UID: '1000' }],
    ['no message', { MESSAGE: null }],
    ['a part of a line', { CONTAINER_PARTIAL_MESSAGE: 'true' }],
    ['the last part of a line', { CONTAINER_PARTIAL_LAST: 'true' }],
  ])('does not count if it has %s', (_, fields) => {
    expect(lineOf(docker(fields))).toBeUndefined();
  });

  it('does not count if no container is named', () => {
    expect(new Containers([]).lineOf(docker())).toBeUndefined();
    expect(new Containers([]).none).toBe(true);
  });

  it('is no line if it continues a line of its stream', () => {
    const containers = new Containers(['mail']);
    expect(containers.lineOf(docker({ CONTAINER_PARTIAL_MESSAGE: 'true' }))).toBeUndefined();
    expect(containers.lineOf(docker({ PRIORITY: '3' }))).toBeDefined();
    expect(containers.lineOf(docker())).toBeUndefined();
    expect(containers.lineOf(docker())).toBeDefined();
  });

  it('stays on one line', () => {
    expect(lineOf(docker({ MESSAGE: `x\n${LINE}` }))).toMatch(/ stdout F x#012Nov 28 [^\n]*\n$/);
  });
});
