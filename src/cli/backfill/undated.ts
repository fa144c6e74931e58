// The hits that a backfill leaves out because their dates cannot be read.
import { printable } from '../../lib/text/printable.ts';
import type { Hit } from '../../words/walk.ts';
import { counted } from '../terminal/print.ts';

/** The hits of old logs without a date that can be read. A backfill does not know their time, so it neither counts nor bans them. */
export class Undated {
  #count = 0;
  #first: string | undefined;

  /** Counts the hits without a readable date, and returns all other hits. */
  without(hits: readonly Hit[]): readonly Hit[] {
    const left = hits.filter(({ undated }) => undated === undefined);
    this.#count += hits.length - left.length;
    this.#first ??= hits.find(({ undated }) => undated !== undefined)?.undated;
    return left;
  }

  /** The number of hits that were left out. */
  get count(): number {
    return this.#count;
  }

  /** A clause for the summary: the number of these hits, and the start of the first line. Undefined when no hit was left out. */
  text(): string | undefined {
    if (this.#first === undefined) return undefined;
    const first = printable(this.#first);
    return `${counted(this.#count, 'hit')} left out because the date cannot be read, the first line begins with "${first}"`;
  }
}
