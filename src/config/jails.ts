// The options of jails, and of the defaults that hold for all of them.
import { z } from 'zod';
import { HAND_JAIL } from '../types.ts';
import {
  decimalNumber,
  fileName,
  flag,
  line,
  MAPPING,
  networks,
  note,
  section,
  span,
  spanOrForever,
  wholeNumber,
} from './kinds.ts';

const policy = {
  maxretry: wholeNumber(1, 10_000).meta(note('How many hits within `findtime` lead to a ban.')),
  findtime: span().meta(note('Hits that are further apart than this are not counted together.')),
  bantime: spanOrForever().meta(note('How long the first ban lasts.')),
  bantime_increment: flag().meta(note('Whether each further offence of the same client is banned for longer.')),
  bantime_factor: decimalNumber(1, 1000).meta(
    note('With `bantime_increment`: each ban is this many times as long as the one before.'),
  ),
  bantime_max: span().meta(
    note('With `bantime_increment`: no ban is longer than this.', {
      fallback: '24h, or `bantime` if that is longer',
      example: '24h',
    }),
  ),
  bantime_forget: span().meta(note('Offences that are older than this no longer count.')),
  ipv4_prefix: wholeNumber(8, 32).meta(
    note('IPv4 clients are counted and banned by networks of this prefix length; 32 is the single address.'),
  ),
  ipv6_prefix: wholeNumber(16, 128).meta(
    note('The same for IPv6. One customer usually has a whole /64; blocklists count the same way.'),
  ),
  ignoreip: networks().meta(
    note(
      'Never banned, beside loopback, link-local and the machine\'s own addresses, which never are. Files hold one address or network a line; "#" begins a comment. Those of a jail add to those of the defaults.',
    ),
  ),
};

/** The section `defaults`. */
export const defaults = z
  .strictObject(
    {
      maxretry: policy.maxretry.prefault(1),
      findtime: policy.findtime.prefault('10m'),
      bantime: policy.bantime.prefault('1h'),
      bantime_increment: policy.bantime_increment.prefault(true),
      bantime_factor: policy.bantime_factor.prefault(2),
      bantime_max: policy.bantime_max.optional(),
      bantime_forget: policy.bantime_forget.prefault('30d'),
      ipv4_prefix: policy.ipv4_prefix.prefault(32),
      ipv6_prefix: policy.ipv6_prefix.prefault(64),
      ignoreip: policy.ignoreip.prefault([]),
    },
    MAPPING,
  )
  .meta(note('What holds for every jail that does not say otherwise.', { heading: 'defaults', kind: 'mapping, see below' }));

const jail = z
  .strictObject(
    {
      enabled: flag().prefault(true).meta(note('Whether the jail is in use.')),
      filter: fileName('a filter').prefault('postfix-spamtrap').meta(note('What to look for.')),
      text: line(200)
        .optional()
        .meta(
          note('The text of the trap in the log line, for filters that have one.', {
            fallback: "the filter's own",
            example: 'triggers spamtrap',
          }),
        ),
      rules: z
        .record(z.string(), flag(), 'a mapping of rules to true or false is expected')
        .nullish()
        .transform((rules) => rules ?? {})
        .meta(
          note('Switches rules of the filter on or off.', {
            kind: 'mapping of rule names to `true` or `false`',
            fallback: "the filter's own",
            example: { client: false },
          }),
        ),
      ...z.strictObject(policy).partial().shape,
    },
    MAPPING,
  )
  .meta(
    note(
      'A jail has a name of its own (a-z, 0-9 and hyphens). Every option of `defaults` may stand here too, for this jail alone.',
      {
        heading: 'jails.&lt;name&gt;',
        inherits: 'defaults',
      },
    ),
  );

/** The section `jails`. */
export const jails = z
  .record(z.string(), section(jail), 'a mapping of names to jails is expected')
  .superRefine((named, context) => {
    for (const name of Object.keys(named)) {
      const fault =
        name === HAND_JAIL ? 'is the name of bans by hand, choose another' : 'is no name for a jail, use a-z, 0-9 and hyphens';
      if (name === HAND_JAIL || !/^[a-z0-9-]{1,64}$/.test(name)) context.addIssue({ code: 'custom', message: fault, path: [name] });
    }
  })
  .nullish()
  .meta(
    note('What is looked for, and what follows.', {
      kind: 'mapping of names to jails, see below',
      fallback: 'one jail `spamtrap`',
    }),
  );
