/**
 * What a configuration file may say, as data: keys with their schema, default and reason, in
 * sections. From this come the check of a file (`parse.ts`) and its reference (`reference.ts`).
 *
 * In a file, keys are written in kebab case: `queryMs` here is `query-ms` there.
 */

import * as v from 'valibot';
import { nearest } from './nearest.ts';

export type Schema<Value> = v.GenericSchema<unknown, Value>;

export interface Key<Value> {
  readonly kind: 'key';
  readonly schema: Schema<Value>;
  /** What holds when the key is absent, for people. */
  readonly fallback: string;
  /** What it does, and why the default is what it is. */
  readonly about: string;
  /** A reload puts a new value to work; else it takes a restart. */
  readonly isLive: boolean;
}

export interface Section<Value> {
  readonly kind: 'section';
  readonly about: string;
  readonly entries: Entries<Value>;
}

export type Entries<Value> = {
  readonly [Name in keyof Value]-?: Entry<Exclude<Value[Name], undefined>>;
};

export type Entry<Value> = Key<Value> | Section<Value>;

/** A section whose value nobody knows at compile time. */
export type AnySection = Section<Readonly<Record<string, unknown>>>;

export interface KeyText {
  readonly fallback: string;
  readonly about: string;
}

export function key<Value>(schema: Schema<Value>, text: KeyText): Key<Value> {
  return { kind: 'key', schema, isLive: false, ...text };
}

/** A key whose new value a reload puts to work. */
export function liveKey<Value>(schema: Schema<Value>, text: KeyText): Key<Value> {
  return { kind: 'key', schema, isLive: true, ...text };
}

export function section<Value>(about: string, entries: Entries<Value>): Section<Value> {
  return { kind: 'section', about, entries };
}

/** The schema of a whole section: every key may be absent, no other key may be there. */
export function schemaOf<Value>(of: Section<Value>): Schema<Value> {
  const entries = Object.entries<Entry<unknown>>(of.entries).map(([name, entry]) => [
    name,
    v.exactOptional(entry.kind === 'key' ? entry.schema : schemaOf(entry)),
  ]);
  return keysOf<Value>(Object.fromEntries(entries) as v.ObjectEntries);
}

/** An object with these keys and no other. */
export function keysOf<Value>(
  properties: v.ObjectEntries,
  spell: (property: string) => string = kebabCase,
): Schema<Value> {
  const named = Object.entries(properties).map(([name, schema]) => [spell(name), schema]);
  const shape = Object.fromEntries(named) as v.ObjectEntries;
  const known = Object.keys(shape);
  const expected = `keys with values, such as ${known.slice(0, 4).join(', ')}`;
  return v.pipe(
    v.custom<Record<string, unknown>>(isMapping, expected),
    v.looseObject(shape),
    v.rawCheck(({ dataset, addIssue }) => {
      // Not `strictObject`: that one tells only the first key that is too many.
      const input = dataset.value as Record<string, unknown>;
      for (const name of Object.keys(input)) {
        if (Object.hasOwn(shape, name)) continue;
        const at = { type: 'object', origin: 'key', input, key: name, value: input[name] } as const;
        addIssue({ message: unknownKey(name, known), path: [at] });
      }
    }),
    v.transform((values) => withPropertyNames(values) as Value),
  );
}

function unknownKey(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const advice = meant === undefined ? `known are ${known.join(', ')}` : `is it '${meant}'?`;
  return `there is no key '${name}' here: ${advice}`;
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withPropertyNames(values: Readonly<Record<string, unknown>>): unknown {
  const named = Object.entries(values).map(([name, value]) => [camelCase(name), value]);
  return Object.fromEntries(named);
}

/** `sendsPerStep` as `sends-per-step`, `useIPv6` as `use-ipv6`. */
export function kebabCase(name: string): string {
  return name
    .replaceAll('IPv', 'Ipv')
    .replaceAll('RRset', 'Rrset')
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function camelCase(name: string): string {
  return name
    .replaceAll(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase())
    .replaceAll('Ipv', 'IPv')
    .replaceAll('Rrset', 'RRset');
}
