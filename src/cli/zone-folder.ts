/** Folders of zone files: thousands of zones would not fit on a command line. */

import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';
import { CommandError, fileFailure } from './failure.ts';
import type { ZoneSource } from './options.ts';

const SUFFIX = '.zone';

/**
 * Each file `NAME.zone` in `folder` is the zone NAME, unless it says itself that it is another one;
 * what is called otherwise is none.
 */
export async function zonesInFolder(folder: string): Promise<ZoneSource[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileFailure(folder, error);
  });
  const zones = entries.filter(({ name }) => name.endsWith(SUFFIX));
  if (zones.length === 0) throw new CommandError(`no file in ${folder} is named *${SUFFIX}`);
  zones.sort((a, b) => (a.name < b.name ? -1 : 1));
  // As `join` would have it of each, normalized once.
  const prefix = join(folder, 'x').slice(0, -1);
  return zones.map((entry) => ({
    file: prefix + entry.name,
    origin: undefined,
    isNamedByFile: true,
    isRegular: entry.isFile(),
  }));
}

/** Of a file in such a folder; undefined when what it is called is no name of a zone. */
export function originInFileName(file: string): DnsName | undefined {
  const zone = file.slice(file.lastIndexOf(sep) + 1, -SUFFIX.length);
  const origin = parseName(octetsOf(`${zone}.`));
  return origin.ok ? origin.value : undefined;
}
