/** What all lookups of a run share: connections, the key that signs, our part of all cookies. */

import type { TsigKey } from '../tsig/key.ts';
import type { DigContext } from './dig.ts';
import type { Globals } from './settings.ts';
import { readSigningKey } from './signing-key.ts';
import { Transports } from './transports.ts';

export interface Means {
  readonly transports: Transports;
  /** Signs every query; undefined: none is signed. */
  readonly key: TsigKey | undefined;
  readonly isKeyUnused: boolean;
  /** The key is such that nothing may be asked. */
  readonly isKeyFatal: boolean;
  readonly cookie: Uint8Array;
}

/** RFC 7873 §4.1. */
const CLIENT_COOKIE_OCTETS = 8;

/** Says what is wrong with the key. The transports are to be closed in the end. */
export function createMeans(context: DigContext, globals: Globals): Means {
  const { runtime } = context;
  const readFile = (path: string): ReturnType<DigContext['readFile']> => context.readFile(path);
  const { key, complaints, isUnused, isFatal = false } = readSigningKey(globals.key, readFile);
  // With `+json` and `+yaml` what is printed must stay what it is.
  const isPlain = !globals.json && !globals.yaml;
  for (const { to, text } of complaints) {
    if (to === 'output' && isPlain) context.write(text);
    else context.writeError(text);
  }
  const cookie = new Uint8Array(CLIENT_COOKIE_OCTETS);
  const means = { key, isKeyUnused: isUnused, isKeyFatal: isFatal, cookie };
  runtime.random.fill(means.cookie);
  const transports = new Transports({
    runtime,
    loadSecureNetwork: () => context.loadSecureNetwork(),
    readFile,
    keepOpen: globals.keepOpen,
  });
  return { ...means, transports };
}
