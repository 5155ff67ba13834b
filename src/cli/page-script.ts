/** The script of the laboratory's page, as the build left it. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { fileFailure } from './failure.ts';

/** Beside the bundle; from the sources, in what was built last. */
const FILE = fileURLToPath(new URL('../../dist/page/page.js', import.meta.url));

/** Throws `CommandError` when nothing was built. */
export function pageScript(): string {
  try {
    return readFileSync(FILE, 'utf8');
  } catch (error) {
    throw fileFailure(FILE, error);
  }
}
