// The options of the filters: which filter a jail uses, and on which lines. The configuration is read into this type.

/** The filter of a jail, and the lines that the filter reads. */
export interface FilterOptions {
  /** The name of a filter, or the absolute path of its file. */
  readonly filter: string;
  /** Settings of the filter that the jail changes. */
  readonly settings: { readonly text?: string };
  /** Rules that the jail switches on (true) or off (false). All other rules keep the filter's default. */
  readonly rules: Readonly<Record<string, boolean>>;
  /** Names of the sources whose lines the filter reads, in the form of `Batch.source`. */
  readonly sources: 'all' | readonly string[];
}
