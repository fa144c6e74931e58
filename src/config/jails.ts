// Defines the options of jails, and of the defaults that all jails inherit.
import { z } from 'zod';
import { HAND_JAIL } from '../words/walk.ts';
import {
  allOrNames,
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
  findtime: span().meta(note('Hits are counted together only within this span of time.')),
  bantime: spanOrForever().meta(note('How long the first ban of a client lasts.')),
  bantime_increment: flag().meta(note('Whether each further ban of a client lasts longer than the previous ban.')),
  bantime_factor: decimalNumber(1, 1000).meta(
    note('With `bantime_increment`: the factor by which each further ban is longer than the previous ban.'),
  ),
  bantime_max: span().meta(
    note('With `bantime_increment`: the longest time that a ban lasts.', {
      fallback: '24h, or `bantime` if that is longer',
      sample: '24h',
    }),
  ),
  bantime_forget: span().meta(
    note('If the last ban of a client began longer ago than this time, the next ban counts as the first ban.'),
  ),
  ipv4_prefix: wholeNumber(8, 32).meta(
    note('Trapline counts and bans IPv4 clients by networks of this prefix length; 32 means the single address.'),
  ),
  ipv6_prefix: wholeNumber(16, 128).meta(
    note(
      'Trapline counts and bans IPv6 clients by networks of this prefix length. A customer usually has a whole /64, and blocklists count by /64 as well.',
    ),
  ),
  ignoreip: networks().meta(
    note(
      'Addresses and networks that are never banned. Loopback and link-local addresses, the machine\'s own addresses, its default gateways and its resolvers need not be listed: they are never banned. A file in the list has one address or network on each line; "#" begins a comment. The list of a jail is added to the list of the defaults.',
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
  .meta(note('Values for every jail that does not set the option itself.', { heading: 'defaults', kind: 'mapping, see below' }));

const jail = z
  .strictObject(
    {
      enabled: flag()
        .prefault(true)
        .meta(note('Whether the jail is in use. Existing bans of a jail that is not in use stay in force until they end.')),
      filter: fileName('a filter').prefault('postfix-spamtrap').meta(note('The filter that finds the hits of the jail.')),
      text: line(200)
        .optional()
        .meta(
          note('The text that marks a hit in the log line, for filters with the setting `text`.', {
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
      sources: allOrNames('sources')
        .prefault('all')
        .meta(
          note(
            'The sources in which the jail looks for hits, named as in the top-level `sources`. A pattern is one source. A source that `auto` finds may be named too. `trapline backfill` and `trapline test` ignore this option, and look for the hits of every jail in every log.',
          ),
        ),
      actions: allOrNames('actions')
        .prefault('all')
        .meta(
          note(
            'The actions that carry out the bans of the jail, named as in the top-level `actions`. An action that `auto` finds may be named too. Bans by hand are carried out by every action.',
          ),
        ),
      ...z.strictObject(policy).partial().shape,
    },
    MAPPING,
  )
  .meta(
    note(
      'You choose the name of a jail (a-z, 0-9 and hyphens). A jail may also have every option of `defaults`, which then applies only to this jail.',
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
    note('A jail has a filter, and sets how many hits of this filter lead to a ban and how long the ban lasts.', {
      kind: 'mapping of names to jails, see below',
      fallback: 'one jail `spamtrap`',
    }),
  );
