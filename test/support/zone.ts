// Runs a part of a test in another time zone, with the real date functions of the process.

/**
 * Runs `work` with TZ set to `zone` (an IANA name), and then restores TZ. Throws when Node does not know the zone, because the test would run
 * in a wrong zone. `work` must not be asynchronous, because TZ applies to the whole process.
 */
export function inZone<T>(zone: string, work: () => T): T {
  const before = process.env['TZ'];
  process.env['TZ'] = zone; // Node reads the zone again when TZ is set.
  try {
    if (nameOf() !== nameOf(zone)) throw new Error(`TZ=${zone} has no effect, the zone is ${nameOf()}`);
    return work();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

/** The name that Node uses for a zone, such as `Asia/Calcutta` for `Asia/Kolkata`. */
function nameOf(zone?: string): string {
  return new Intl.DateTimeFormat('en', zone === undefined ? {} : { timeZone: zone }).resolvedOptions().timeZone;
}
