// Decides whether tests that need root, such as tests with firewalls, are run.

const ci = !['', '0', 'false', undefined].includes(process.env['CI']);

/** True for root on Linux. Also true on CI, because there the tests must fail, and not be skipped, if the rights are missing. */
export const root: boolean = ci || (process.platform === 'linux' && process.getuid?.() === 0);
