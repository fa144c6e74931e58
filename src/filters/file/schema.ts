// The format of filter files.
import { z } from 'zod';

/** The form of the names of filters, rules and settings. */
export const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const name = z.string().regex(NAME, 'small letters, digits and hyphens only');
const line = z.string().regex(/^[^\n]+$/, 'one line');

const exampleSchema = z
  .strictObject({
    line,
    none: z.string().optional(),
    address: z.string().optional(),
    rule: z.string().optional(),
    fields: z.record(z.string(), z.string()).optional(),
  })
  .refine((one) => (one.none === undefined) === (one.address !== undefined && one.rule !== undefined), {
    message: 'an example has either "address" and "rule", or "none" with the reason why it is no hit',
  });

/** The schema of a filter file. */
export const filterFile = z.strictObject({
  name,
  description: line,
  settings: z.record(z.string(), line).default({}),
  rules: z
    .array(
      z.strictObject({
        name,
        on: z.boolean().default(true),
        final: z.boolean().default(false),
        pattern: z.union([z.string(), z.array(z.string()).min(1)], { error: 'a pattern or a list of patterns' }),
      }),
    )
    .min(1),
  examples: z.array(exampleSchema).default([]),
});

/** A parsed filter file. */
export type FilterFile = z.output<typeof filterFile>;
