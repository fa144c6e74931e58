// Compiles the filters of the package while the program is bundled, so that a start need not do it. The bundle holds the compiled filters in place of
// the empty list in src/filters/file/shipped.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILTERS = join(import.meta.dirname, '..', 'filters');

/** The module that is replaced. */
const MODULE = /\/build\/filters\/file\/shipped\.js$/;

/** A plugin for rolldown. Makes the build fail if a filter has a fault, or if the module has moved. */
export function shippedFilters() {
  let replaced = false;
  return {
    name: 'shipped-filters',
    async load(id) {
      if (!MODULE.test(id)) return null;
      replaced = true;
      return `export const SHIPPED = ${JSON.stringify(await compiled(), null, 2)};\n`;
    },
    buildEnd(fault) {
      if (!fault && !replaced)
        throw new Error(`no module ${MODULE} in the bundle, the filters of the package would be compiled at each start`);
    },
  };
}

async function compiled() {
  const { compileFilter } = await import('../build/filters/file/load.js');
  const { freeze, checksumOf } = await import('../build/filters/file/frozen.js');
  const files = readdirSync(FILTERS).filter((name) => name.endsWith('.yaml'));
  return Object.fromEntries(
    files.map((name) => {
      const file = join(FILTERS, name);
      return [checksumOf(readFileSync(file, 'utf8')), freeze(compileFilter(file, { folders: [] }))];
    }),
  );
}
