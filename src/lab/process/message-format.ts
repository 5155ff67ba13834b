/**
 * Messages of a protocol, described once and then written, read and checked by the description.
 * Reading never throws: octets that are no message of the protocol are undefined, and a process
 * ignores them as it ignores a stranger.
 *
 *     const shapes = { data: { sequence: 'u32', payload: 'rest' }, ack: { sequence: 'u32' } };
 *     const format = messageFormat(shapes);
 *     format.write({ kind: 'ack', sequence: 3 });
 *     const message = format.read(bytes); // { kind: 'data', … } | { kind: 'ack', … } | undefined
 *
 * On the wire: one octet for the kind, then its fields in order, integers in network order. A list
 * is a 16-bit count and 32-bit integers; 'rest' is what remains and comes last.
 */

import assert from 'node:assert/strict';

interface FieldValues {
  u8: number;
  u16: number;
  u32: number;
  /** An integer up to 2^53, for times in nanoseconds. */
  u53: number;
  list: readonly number[];
  rest: Uint8Array;
}
export type FieldType = keyof FieldValues;
type Shapes = Readonly<Record<string, Readonly<Record<string, FieldType>>>>;

export type MessageOf<S extends Shapes> = {
  [Kind in keyof S & string]: { readonly kind: Kind } & {
    readonly [Field in keyof S[Kind]]: FieldValues[S[Kind][Field]];
  };
}[keyof S & string];

export interface MessageFormat<Message> {
  write(message: Message): Uint8Array;
  read(bytes: Uint8Array): Message | undefined;
}

const OCTETS = { u8: 1, u16: 2, u32: 4, u53: 8 } as const;
const LIST_LIMIT = 65535;
type Values = Record<string, number | readonly number[] | Uint8Array | string>;

export function messageFormat<const S extends Shapes>(shapes: S): MessageFormat<MessageOf<S>> {
  const kinds = Object.entries(shapes).map(([kind, fields]) => ({
    kind,
    fields: Object.entries(fields),
  }));
  const numbers = new Map(kinds.map(({ kind }, index) => [kind, index]));
  return {
    write: (message) => {
      const number = numbers.get(message.kind);
      const shape = kinds[number ?? -1];
      assert(number !== undefined && shape !== undefined, `no message ${message.kind}`);
      return writeFields(number, shape.fields, message);
    },
    read: (bytes) => {
      const shape = kinds[bytes[0] ?? -1];
      return shape && (readFields(shape, bytes) as MessageOf<S> | undefined);
    },
  };
}

type Fields = readonly (readonly [string, FieldType])[];

function writeFields(number: number, fields: Fields, values: Values): Uint8Array {
  let length = 1;
  for (const [name, type] of fields) length += lengthOf(type, values[name]);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes[0] = number;
  let place = 1;
  for (const [name, type] of fields) {
    const value = values[name];
    if (typeof value === 'number') writeInteger(view, place, { type, value });
    else if (value instanceof Uint8Array) bytes.set(value, place);
    else if (Array.isArray(value)) writeList(view, place, value as readonly number[]);
    place += lengthOf(type, value);
  }
  return bytes;
}

function lengthOf(type: FieldType, value: Values[string] | undefined): number {
  if (type === 'rest') return value instanceof Uint8Array ? value.length : 0;
  if (type === 'list') return 2 + 4 * (Array.isArray(value) ? value.length : 0);
  return OCTETS[type];
}

function writeInteger(
  view: DataView,
  place: number,
  { type, value }: { readonly type: FieldType; readonly value: number },
): void {
  if (type === 'u8') view.setUint8(place, value);
  else if (type === 'u16') view.setUint16(place, value);
  else if (type === 'u32') view.setUint32(place, value);
  else {
    view.setUint32(place, Math.floor(value / 2 ** 32));
    view.setUint32(place + 4, value % 2 ** 32);
  }
}

function writeList(view: DataView, place: number, list: readonly number[]): void {
  assert(list.length <= LIST_LIMIT, 'a list is too long for a message');
  view.setUint16(place, list.length);
  for (const [index, value] of list.entries()) view.setUint32(place + 2 + 4 * index, value);
}

function readFields(
  { kind, fields }: { readonly kind: string; readonly fields: Fields },
  bytes: Uint8Array,
): Values | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: Values = { kind };
  let place = 1;
  for (const [name, type] of fields) {
    const value = readField(view, place, type);
    if (value === undefined) return undefined;
    values[name] = value;
    place += lengthOf(type, value);
  }
  return place === bytes.length ? values : undefined;
}

function readField(
  view: DataView,
  place: number,
  type: FieldType,
): number | readonly number[] | Uint8Array | undefined {
  const left = view.byteLength - place;
  if (type === 'rest') return new Uint8Array(view.buffer, view.byteOffset + place, left);
  if (type === 'list') return readList(view, place, left);
  if (left < OCTETS[type]) return undefined;
  if (type === 'u8') return view.getUint8(place);
  if (type === 'u16') return view.getUint16(place);
  if (type === 'u32') return view.getUint32(place);
  const value = view.getUint32(place) * 2 ** 32 + view.getUint32(place + 4);
  return Number.isSafeInteger(value) ? value : undefined;
}

function readList(view: DataView, place: number, left: number): readonly number[] | undefined {
  if (left < 2) return undefined;
  const count = view.getUint16(place);
  if (left < 2 + 4 * count) return undefined;
  return Array.from({ length: count }, (_, index) => view.getUint32(place + 2 + 4 * index));
}
