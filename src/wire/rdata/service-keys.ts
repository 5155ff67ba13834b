/** Keys of service parameters as text (RFC 9460 §2.1, §14.3): by name, or as 'key667'. */

import { SvcParamKey } from '../iana.ts';
import { parseInteger } from './field.ts';

/** 'alpn' for 1, 'key667' for a key without a name. */
export function serviceKeyText(key: number): string {
  return KEY_NAMES.get(key) ?? `key${key}`;
}

export function parseServiceKey(text: string): number | undefined {
  const known = KEY_NUMBERS.get(text);
  if (known !== undefined) return known;
  const match = /^key(0|[1-9][0-9]{0,4})$/.exec(text);
  return match ? parseInteger(match[1]!, 0xffff) : undefined;
}

const KEY_NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(SvcParamKey));
const KEY_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SvcParamKey).map(([name, key]) => [key, name]),
);
