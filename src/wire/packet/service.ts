/**
 * Service parameters (RFC 9460 §2.1) as an object; dns-packet has none. Keys are the text of the
 * parameter keys, values what JavaScript would expect:
 *
 *     { alpn: ['h2', 'h3'], port: 8443, ipv4hint: ['192.0.2.1'], key667: <Buffer 68 65> }
 */

import { SvcParamKey } from '../iana.ts';
import { Octets } from '../rdata/octets.ts';
import { readU16 } from '../rdata/field.ts';
import { parseServiceKey, serviceKeyText } from '../rdata/service-keys.ts';
import { serviceParameters } from '../rdata/service-parameters.ts';
import * as values from './values.ts';
import type { Value } from './values.ts';

export const serviceValues: Value = {
  end: serviceParameters.end,
  read(octets) {
    const entries: [string, unknown][] = [];
    for (let at = 0; at < octets.length;) {
      const key = readU16(octets, at);
      const end = at + 4 + readU16(octets, at + 2);
      entries.push([serviceKeyText(key), formOf(key).read(octets.subarray(at + 4, end))]);
      at = end;
    }
    return Object.fromEntries(entries);
  },
  write(value) {
    const params = Object.entries(values.objectOf(value ?? {})).map(
      ([text, param]): [number, unknown] => [
        parseServiceKey(text) ?? values.refuse(text, 'a service parameter key'),
        param,
      ],
    );
    const out = new Octets();
    for (const [key, param] of params.toSorted(([a], [b]) => a - b)) {
      const octets = formOf(key).write(param);
      out.u16(key);
      out.u16(octets.length);
      out.bytes(octets);
    }
    return out.finish();
  },
};

type Form = Pick<Value, 'read' | 'write'>;

function formOf(key: number): Form {
  return FORMS.get(key) ?? values.rest;
}

const present: Form = {
  read: () => true,
  write: (value) =>
    value === true ? new Uint8Array(0) : values.refuse(value, 'true, for a key without a value'),
};

const keys: Form = {
  read: (octets) => parts(octets, 2).map((part) => serviceKeyText(readU16(part, 0))),
  write(value) {
    const numbers = values
      .listOf(value)
      .map((text) => parseServiceKey(values.stringOf(text)) ?? values.refuse(text, 'a key'));
    return Uint8Array.from(numbers.flatMap((number) => [number >> 8, number & 0xff]));
  },
};

const protocols: Form = {
  read: (octets) => (values.strings.read(octets) as Buffer[]).map((id) => id.toString('utf8')),
  write: (value) => values.strings.write(values.listOf(value)),
};

const FORMS: ReadonlyMap<number, Form> = new Map([
  [SvcParamKey.mandatory, keys],
  [SvcParamKey.alpn, protocols],
  [SvcParamKey['no-default-alpn'], present],
  [SvcParamKey.port, values.u16],
  [SvcParamKey.ipv4hint, list(values.ipv4, 4)],
  [SvcParamKey.ipv6hint, list(values.ipv6, 16)],
  [SvcParamKey.dohpath, values.restText],
  [SvcParamKey.ohttp, present],
  [SvcParamKey.docpath, protocols],
  [SvcParamKey.pvd, present],
]);

function list(one: Value, octetsOfOne: number): Form {
  return {
    read: (octets) => parts(octets, octetsOfOne).map((part) => one.read(part)),
    write: (value) => Uint8Array.from(values.listOf(value).flatMap((part) => [...one.write(part)])),
  };
}

function parts(octets: Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: octets.length / length }, (_, i) =>
    octets.subarray(i * length, (i + 1) * length),
  );
}
