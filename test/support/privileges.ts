// Which tests may touch network namespaces and firewalls.

const ci = !['', '0', 'false', undefined].includes(process.env['CI']);

/** True as root on Linux. Also true on CI, where nothing may be left out: without the rights the tests fail there. */
export const root: boolean = ci || (process.platform === 'linux' && process.getuid?.() === 0);
