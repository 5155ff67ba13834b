/** Options about what is switched off: a mistake, and better told than passed over. */

import { CommandError } from './failure.ts';
import type { ServeOptions } from './serve.ts';

const OF_RECURSION = {
  rootHints: '--root-hints',
  upstreamPort: '--upstream-port',
  allow: '--allow',
  cacheFile: '--cache-file',
} as const satisfies Partial<Record<keyof ServeOptions, string>>;

/** Throws `CommandError`. A configuration file may prepare what it does not switch on. */
export function refuseIdleOptions(options: ServeOptions, recursion: boolean): void {
  if (recursion) return;
  const names = Object.entries(OF_RECURSION)
    .filter(([key]) => options[key as keyof typeof OF_RECURSION] !== undefined)
    .map(([, name]) => name);
  if (names.length === 0) return;
  const verb = names.length === 1 ? 'is' : 'are';
  throw new CommandError(`${names.join(', ')} ${verb} of no use without --recursion`);
}
