// Follows the sources of the configuration.
import type { Config } from '../../config/load.ts';
import type { Source } from '../../words/walk.ts';
import type { House, Part } from '../house.ts';
import { openSources } from '../rooms/build.ts';
import { noteFound } from '../rooms/found.ts';

/** Opens the sources. Each is read from the place where reading last stopped. A reload replaces the sources whose options have changed. */
export const followPart: Part = {
  name: 'sources',
  async start(house) {
    await follow(house, house.config, await openSources(house.config, house));
    return () => house.followers.stop();
  },
  async reload(house, next) {
    const sources = await openSources(next, house);
    return () => follow(house, next, sources);
  },
};

function follow(house: House, config: Config, sources: readonly Source[]): Promise<void> {
  const names = sources.map(({ name }) => name);
  if (config.sources === 'auto') noteFound(names, house);
  return house.followers.follow(sources);
}
