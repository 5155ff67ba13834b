/** What the settings of a scenario add up to, while they are read (`setup.ts`). */

import type { RecursionOptions, SystemOptions } from '../../app/system.ts';
import { addressToBytes } from '../../net/address.ts';

export type QnameMinimisation = NonNullable<RecursionOptions['qnameMinimisation']>;
export type AddressPrefix = RecursionOptions['allow'][number];

export type ServeStale = NonNullable<RecursionOptions['serveStale']>;

export interface Draft {
  readonly roots: string[];
  rootName: string | undefined;
  allow: readonly AddressPrefix[];
  options: Partial<RecursionOptions>;
  servesStale: boolean;
  /** Means nothing unless `servesStale`. */
  serveStale: ServeStale;
  minimisations: readonly QnameMinimisation[];
  cacheLimits: NonNullable<RecursionOptions['cacheLimits']>;
  identity: NonNullable<SystemOptions['identity']>;
  readonly isHidden: { id: boolean; version: boolean };
  clients: NonNullable<SystemOptions['clients']>;
  tcp: NonNullable<SystemOptions['tcp']>;
}

export type Reader = (values: readonly string[], draft: Draft, needs: Set<string>) => void;

/** The options that are lists. */
type ListOption = {
  [Key in keyof RecursionOptions]-?: NonNullable<RecursionOptions[Key]> extends readonly unknown[]
    ? Key
    : never;
}[keyof RecursionOptions];

type ItemOf<Key extends ListOption> = NonNullable<RecursionOptions[Key]>[number];

/** One more item of a list. */
export function addTo<Key extends ListOption>(draft: Draft, key: Key, item: ItemOf<Key>): void {
  const items = (draft.options[key] ?? []) as readonly ItemOf<Key>[];
  draft.options = { ...draft.options, [key]: [...items, item] };
}

export function setOptions(draft: Draft, options: Partial<RecursionOptions>): void {
  draft.options = { ...draft.options, ...options };
}

export function setLimits(draft: Draft, limits: NonNullable<RecursionOptions['limits']>): void {
  setOptions(draft, { limits: { ...draft.options.limits, ...limits } });
}

export function setCacheLimits(draft: Draft, limits: Draft['cacheLimits']): void {
  draft.cacheLimits = { ...draft.cacheLimits, ...limits };
}

export function isOff([value = '']: readonly string[]): boolean {
  return ['no', 'off', 'false', '0', ''].includes(value.toLowerCase());
}

export function prefixOf(text: string): AddressPrefix | undefined {
  const [address = '', length] = text.split('/');
  const octets = addressToBytes(address);
  if (!octets) return undefined;
  const bits = length === undefined ? octets.length * 8 : Number(length);
  return bits <= octets.length * 8 ? { octets, bits } : undefined;
}

export function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}
