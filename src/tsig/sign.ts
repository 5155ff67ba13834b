/**
 * Signing (RFC 8945 §5.1, §5.3): a TSIG record behind everything else. A request is signed alone;
 * the replies to it, of which a transfer has many, bind to the request and to each other.
 */

import { assert } from '../wire/assert.ts';

import { DnsClass, RRType } from '../wire/iana.ts';
import { MAX_MESSAGE_OCTETS } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import { Octets } from '../wire/rdata/octets.ts';
import type { TsigKey } from './key.ts';
import { computeMac } from './mac.ts';
import { writeTsig, type TsigFields } from './rdata.ts';

/** RFC 8945 §10: what clocks may differ by, as recommended. */
export const FUDGE_SECONDS = 300;

export interface Signed {
  /** With the record. */
  readonly octets: Uint8Array;
  /** As sent, so perhaps truncated: what replies are bound to. */
  readonly mac: Uint8Array;
}

/** `message` is whole and unsigned; `timeSeconds` is the wall clock's. */
export function signRequest(message: Uint8Array, key: TsigKey, timeSeconds: number): Signed {
  return sign(message, { key, timeSeconds, error: 0, priorMac: undefined });
}

/** Octets that the record will take, for whoever has to keep room for it. */
export function signatureOctets(key: TsigKey, otherOctets = 0): number {
  const rdata = key.algorithm.name.wire.length + 16 + key.macOctets + otherOctets;
  return key.name.wire.length + 10 + rdata;
}

/** Signs the replies to one request, in order. */
export class ReplySigner {
  readonly #key: TsigKey;
  #priorMac: Uint8Array;
  #unsigned: Uint8Array[] = [];
  #isFirst = true;

  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key;
    this.#priorMac = requestMac;
  }

  /** `error` is BADTIME or BADTRUNC, with what belongs to it in `other`. */
  sign(
    message: Uint8Array,
    timeSeconds: number,
    { error = 0, other = NOTHING }: { readonly error?: number; readonly other?: Uint8Array } = {},
  ): Uint8Array {
    const signed = sign(message, {
      key: this.#key,
      timeSeconds,
      error,
      other,
      priorMac: this.#priorMac,
      unsigned: this.#unsigned,
      isTimersOnly: !this.#isFirst,
    });
    this.#isFirst = false;
    this.#unsigned = [];
    this.#priorMac = signed.mac;
    return signed.octets;
  }

  /**
   * Lets a message of a stream go unsigned: the next signature covers it. At most 99 in a row, and
   * neither the first nor the last (RFC 8945 §5.3.1). `message` must not change any more.
   */
  passUnsigned(message: Uint8Array): void {
    this.#unsigned.push(message);
  }
}

/** A message with a record that says why a request was not believed, which nobody can sign. */
export function addUnsignedError(
  message: Uint8Array,
  keyName: DnsName,
  fields: Pick<TsigFields, 'algorithm' | 'timeSeconds' | 'originalId' | 'error'>,
): Uint8Array {
  return append(message, keyName, {
    ...fields,
    fudgeSeconds: FUDGE_SECONDS,
    mac: NOTHING,
    other: NOTHING,
  });
}

interface SignOptions {
  readonly key: TsigKey;
  readonly timeSeconds: number;
  readonly error: number;
  readonly other?: Uint8Array;
  readonly priorMac: Uint8Array | undefined;
  readonly unsigned?: readonly Uint8Array[];
  readonly isTimersOnly?: boolean;
}

const NOTHING: Uint8Array = new Uint8Array(0);

function sign(message: Uint8Array, options: SignOptions): Signed {
  const { key, timeSeconds, error, other = NOTHING, priorMac } = options;
  const { unsigned = [], isTimersOnly = false } = options;
  const fields: TsigFields = {
    algorithm: key.algorithm.name,
    timeSeconds,
    fudgeSeconds: FUDGE_SECONDS,
    mac: NOTHING,
    originalId: (message[0]! << 8) | message[1]!,
    error,
    other,
  };
  const full = computeMac(key, { priorMac, unsigned, message, fields, isTimersOnly });
  const mac = full.slice(0, key.macOctets);
  return { octets: append(message, key.name, { ...fields, mac }), mac };
}

function append(message: Uint8Array, keyName: DnsName, fields: TsigFields): Uint8Array {
  const rdata = writeTsig(fields);
  const octets = new Octets();
  octets.bytes(message);
  octets.bytes(keyName.wire);
  octets.u16(RRType.TSIG);
  octets.u16(DnsClass.ANY);
  octets.u32(0);
  octets.u16(rdata.length);
  octets.bytes(rdata);
  const signed = octets.finish();
  const additionals = ((signed[10]! << 8) | signed[11]!) + 1;
  signed[10] = additionals >>> 8;
  signed[11] = additionals & 0xff;
  assert(signed.length <= MAX_MESSAGE_OCTETS, 'whoever signs keeps room for the signature');
  return signed;
}
