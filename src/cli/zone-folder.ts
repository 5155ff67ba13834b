/** Folders of zone files: thousands of zones would not fit on a command line. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { octetsOf, parseName } from '../wire/name-text.ts';
import { CommandError, fileFailure } from './failure.ts';
import type { ZoneSource } from './options.ts';

const SUFFIX = '.zone';

/**
 * Each file `NAME.zone` in `folder` is the zone NAME, unless it says itself that it is another one;
 * what is called otherwise is none.
 */
export async function zonesInFolder(folder: string): Promise<ZoneSource[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileFailure(folder, error);
  });
  const zones = names.filter((name) => name.endsWith(SUFFIX)).toSorted();
  if (zones.length === 0) throw new CommandError(`no file in ${folder} is named *${SUFFIX}`);
  return zones.map((name) => sourceOf(join(folder, name), name.slice(0, -SUFFIX.length)));
}

function sourceOf(file: string, zone: string): ZoneSource {
  const origin = parseName(octetsOf(zone === '' ? '.' : `${zone}.`));
  return { file, origin: undefined, ...(origin.ok && { likelyOrigin: origin.value }) };
}
