/** What a configuration that is read again changes, by keys: at once, or only after a restart. */

import { DnsName } from '../../wire/name.ts';
import type { AnySection } from './key.ts';
import { kebabCase } from './key.ts';

export interface ConfigChanges {
  /** Names as in the file, such as `access.recursion`. */
  readonly live: readonly string[];
  readonly afterRestart: readonly string[];
}

export function changesOf(section: AnySection, before: object, after: object): ConfigChanges {
  const live: string[] = [];
  const afterRestart: string[] = [];
  for (const [name, entry] of Object.entries(section.entries)) {
    const [old, now] = [partOf(before, name), partOf(after, name)];
    const key = kebabCase(name);
    if (entry.kind === 'key') {
      if (textOf(old) !== textOf(now)) (entry.isLive ? live : afterRestart).push(key);
      continue;
    }
    const inner = changesOf(entry, asObject(old), asObject(now));
    live.push(...inner.live.map((one) => `${key}.${one}`));
    afterRestart.push(...inner.afterRestart.map((one) => `${key}.${one}`));
  }
  return { live, afterRestart };
}

function partOf(of: object, name: string): unknown {
  return (of as Readonly<Record<string, unknown>>)[name];
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Equal for equal values; names and the like are told by their text. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    const isPlain = typeof part !== 'object' || part === null || Array.isArray(part);
    if (isPlain || Object.getPrototypeOf(part) === Object.prototype) return part;
    return part instanceof DnsName ? part.toString() : part;
  });
}
