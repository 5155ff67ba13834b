/**
 * The `data` of a record in dns-packet's shape, one line per type, from and to rdata. A type
 * without a line is a Buffer of its rdata. Shapes lose things (UTF-8 of strings that are none, the
 * protocol of a DNSKEY): what does not come back octet by octet is not given in shape.
 */

import { RRType } from '../iana.ts';
import { Octets } from '../rdata/octets.ts';
import { isWellFormed } from '../rdata/rdata.ts';
import { equalBytes } from '../record.ts';
import { serviceValues } from './service.ts';
import * as values from './values.ts';
import { objectOf, type Value } from './values.ts';

/** The shape that stands for `rdata`, or undefined when only a Buffer of them does. */
export function readShape(type: number, rdata: Uint8Array): unknown {
  const shape = SHAPES.get(type);
  if (!shape || !isWellFormed(type, rdata)) return undefined;
  try {
    const data = shape.read(rdata);
    return data !== undefined && equalBytes(shape.write(data), rdata) ? data : undefined;
  } catch (error) {
    // Replacement characters are longer than what they replace, so a string may not fit again.
    if (!(error instanceof values.ShapeError)) throw error;
    return undefined;
  }
}

/** The rdata for `data`. Throws `ShapeError`. */
export function writeData(type: number, data: unknown): Uint8Array {
  return SHAPES.get(type)?.write(data) ?? values.bytesOf(data);
}

/** Types whose `data` is more than a Buffer. */
export function hasShape(type: number): boolean {
  return SHAPES.has(type);
}

interface Shape {
  /** Undefined when the octets do not fit. */
  read(rdata: Uint8Array): unknown;
  write(data: unknown): Uint8Array;
}

function bare(value: Value): Shape {
  return {
    read: (rdata) =>
      value.end(rdata, 0, rdata.length) === rdata.length ? value.read(rdata) : undefined,
    write: (data) => value.write(data),
  };
}

/** An object with these keys, in the order of the wire. */
function object(members: Readonly<Record<string, Value>>): Shape {
  const entries = Object.entries(members);
  return {
    read(rdata) {
      const data: [string, unknown][] = [];
      let at = 0;
      for (const [key, value] of entries) {
        const end = value.end(rdata, at, rdata.length);
        if (end < 0) return undefined;
        data.push([key, value.read(rdata.subarray(at, end))]);
        at = end;
      }
      return at === rdata.length ? Object.fromEntries(data) : undefined;
    },
    write(data) {
      const out = new Octets();
      for (const [key, value] of entries) out.bytes(value.write(objectOf(data)[key]));
      return out.finish();
    },
  };
}

/** dns-packet leaves the protocol out, since it must be 3 (RFC 4034 §2.1.2). */
function publicKey(): Shape {
  const { u16, u8, rest } = values;
  const whole = object({ flags: u16, protocol: u8, algorithm: u8, key: rest });
  return {
    read(rdata) {
      const data = whole.read(rdata);
      if (data === undefined) return undefined;
      const { flags, algorithm, key } = objectOf(data);
      return { flags, algorithm, key };
    },
    write: (data) => whole.write({ ...objectOf(data), protocol: 3 }),
  };
}

/** dns-packet repeats the first flag by name (RFC 8659 §4.1). */
function authorization(): Shape {
  const critical = 0x80;
  const whole = object({ flags: values.u8, tag: values.text, value: values.restText });
  return {
    read(rdata) {
      const data = whole.read(rdata);
      if (data === undefined) return undefined;
      return { ...objectOf(data), issuerCritical: (rdata[0]! & critical) !== 0 };
    },
    write(data) {
      const { flags, issuerCritical, ...others } = objectOf(data);
      return whole.write({ ...others, flags: flags ?? (issuerCritical === true ? critical : 0) });
    },
  };
}

const { u8, u16, u32, name, text, rest, type, types } = values;
const service = object({ priority: u16, target: name, params: serviceValues });
const SHAPES: ReadonlyMap<number, Shape> = new Map([
  [RRType.A, bare(values.ipv4)],
  [RRType.AAAA, bare(values.ipv6)],
  [RRType.NS, bare(name)],
  [RRType.CNAME, bare(name)],
  [RRType.PTR, bare(name)],
  [RRType.DNAME, bare(name)],
  [RRType.TXT, bare(values.strings)],
  [RRType.HINFO, object({ cpu: text, os: text })],
  [RRType.MX, object({ preference: u16, exchange: name })],
  [RRType.RP, object({ mbox: name, txt: name })],
  [RRType.SRV, object({ priority: u16, weight: u16, port: u16, target: name })],
  [
    RRType.SOA,
    object({
      mname: name,
      rname: name,
      serial: u32,
      refresh: u32,
      retry: u32,
      expire: u32,
      minimum: u32,
    }),
  ],
  [
    RRType.NAPTR,
    object({
      order: u16,
      preference: u16,
      flags: text,
      services: text,
      regexp: text,
      replacement: name,
    }),
  ],
  [RRType.CAA, authorization()],
  [RRType.DS, object({ keyTag: u16, algorithm: u8, digestType: u8, digest: rest })],
  [RRType.DNSKEY, publicKey()],
  [
    RRType.RRSIG,
    object({
      typeCovered: type,
      algorithm: u8,
      labels: u8,
      originalTTL: u32,
      expiration: u32,
      inception: u32,
      keyTag: u16,
      signersName: name,
      signature: rest,
    }),
  ],
  [RRType.NSEC, object({ nextDomain: name, rrtypes: types })],
  [
    RRType.NSEC3,
    object({
      algorithm: u8,
      flags: u8,
      iterations: u16,
      salt: values.countedBytes,
      nextDomain: values.countedBytes,
      rrtypes: types,
    }),
  ],
  [RRType.SSHFP, object({ algorithm: u8, hash: u8, fingerprint: values.restHex })],
  [RRType.TLSA, object({ usage: u8, selector: u8, matchingType: u8, certificate: rest })],
  [RRType.SVCB, service],
  [RRType.HTTPS, service],
]);
