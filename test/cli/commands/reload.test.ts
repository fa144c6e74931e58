import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { serveControl } from '../../../src/control/serve.ts';
import { scratchPlace, trapline } from '../../support/cli/command-line.ts';
import { keptLog, memoryDesk, STATUS } from '../../support/control/desk.ts';

const place = scratchPlace();
const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => place.remove());

describe('trapline reload', () => {
  it('prints nothing, or JSON, when an option asks for it', async () => {
    const group = String(process.getgid?.() ?? 0);
    servers.push(await serveControl(memoryDesk(), { socket: place.at('json'), mode: 0o600, group }, keptLog().log));
    expect(await trapline(['reload', '--socket', place.at('json'), '--quiet'])).toEqual({ code: 0, out: '', err: '' });
    const { code, out } = await trapline(['reload', '--socket', place.at('json'), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ reloaded: true, config: STATUS.config, stopped: {} });
  });

  it('reports that the daemon is older than this program, because a reload does not replace it', async () => {
    const group = String(process.getgid?.() ?? 0);
    servers.push(await serveControl(memoryDesk(), { socket: place.at('socket'), mode: 0o600, group }, keptLog().log));
    expect(await trapline(['reload', '--socket', place.at('socket')], '', { version: '0.1.0' })).toEqual({
      code: 0,
      out: 'reloaded\n',
      err: '',
    });
    expect(await trapline(['reload', '--socket', place.at('socket')], '', { version: '0.1.1' })).toEqual({
      code: 0,
      out: 'reloaded\n',
      err: 'trapline: the daemon is trapline 0.1.0, older than this program (0.1.1); a reload does not replace it, use "systemctl restart trapline"\n',
    });
  });
});
