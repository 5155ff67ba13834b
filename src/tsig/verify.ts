/**
 * Believing signatures (RFC 8945 §5.2 for requests, §5.3 for replies). The checks come in the
 * order of the RFC: form, key, MAC, truncation, time; the first that fails is the verdict.
 */

import { Rcode } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { algorithmOfName } from './algorithm.ts';
import type { TsigKey } from './key.ts';
import { beginsWithMac, computeMac, unsignedMessage } from './mac.ts';
import { findTsigRecord, type Placed } from './place.ts';
import type { TsigFields } from './rdata.ts';

export type RequestVerdict =
  | { readonly kind: 'unsigned' }
  /** FORMERR. */
  | { readonly kind: 'malformed' }
  /** NOTAUTH with the error in an unsigned TSIG: BADKEY, BADSIG (§5.2.1, §5.2.2). */
  | Rejection<'bad key' | 'bad signature', undefined>
  /** NOTAUTH with the error in a signed TSIG: BADTRUNC, BADTIME (§5.2.2.1, §5.2.3). */
  | Rejection<'bad truncation' | 'bad time', TsigKey>
  | { readonly kind: 'valid'; readonly key: TsigKey; readonly mac: Uint8Array };

interface Rejection<Kind, Key> {
  readonly kind: Kind;
  readonly keyName: DnsName;
  readonly fields: TsigFields;
  /** What signs the reply. */
  readonly key: Key;
}

/** `keyOf` knows our keys by name. `octets` is the whole message. */
export function verifyRequest(
  octets: Uint8Array,
  keyOf: (name: DnsName) => TsigKey | undefined,
  nowSeconds: number,
): RequestVerdict {
  const placed = findTsigRecord(octets);
  if (placed.kind !== 'signed') return placed;
  const { keyName, fields } = placed;
  const key = keyOf(keyName);
  if (!key || !isOfKey(placed, key)) return { kind: 'bad key', keyName, fields, key: undefined };
  const prior: Prior = { priorMac: undefined, unsigned: [], isTimersOnly: false };
  const flaw = flawOf(octets, placed, { key, nowSeconds, prior });
  if (flaw === undefined) return { kind: 'valid', key, mac: new Uint8Array(fields.mac) };
  if (flaw === 'malformed') return { kind: 'malformed' };
  return flaw === 'bad signature'
    ? { kind: flaw, keyName, fields, key: undefined }
    : { kind: flaw, keyName, fields, key };
}

export type ReplyVerdict =
  | { readonly kind: 'valid' }
  /** In a stream: a later signature covers it. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly why: ReplyFlaw; readonly error?: number };

/** 'error': the server says that it did not believe the request. */
export type ReplyFlaw =
  'unsigned' | 'malformed' | 'bad key' | 'bad signature' | 'bad truncation' | 'bad time' | 'error';

/** RFC 8945 §5.3.1: unsigned messages in a row, at most. */
export const MAX_UNSIGNED_IN_STREAM = 99;

/** Verifies the replies to one request, in order: one, or all those of a transfer. */
export class ReplyVerifier {
  readonly #key: TsigKey;
  #priorMac: Uint8Array;
  #unsigned: Uint8Array[] = [];
  #isFirst = true;

  /** `requestMac` as it was sent. */
  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key;
    this.#priorMac = requestMac;
  }

  /**
   * `octets` must not change afterwards. After a failure nothing that follows can be verified.
   */
  verify(octets: Uint8Array, nowSeconds: number): ReplyVerdict {
    const placed = findTsigRecord(octets);
    if (placed.kind === 'malformed') return { kind: 'failed', why: 'malformed' };
    if (placed.kind === 'unsigned') return this.#pass(octets);
    const { fields } = placed;
    if (!isOfKey(placed, this.#key)) return { kind: 'failed', why: 'bad key' };
    const { error } = fields;
    // Unsigned errors say that we were not believed, and anybody may say so.
    if (fields.mac.length === 0 && (error === BADSIG || error === Rcode.BADKEY)) {
      return { kind: 'failed', why: 'error', error };
    }
    const prior: Prior = {
      priorMac: this.#priorMac,
      unsigned: this.#unsigned,
      isTimersOnly: !this.#isFirst,
    };
    const flaw = flawOf(octets, placed, { key: this.#key, nowSeconds, prior });
    // A server whose clock differs says BADTIME with a time of ours, so that this is known first.
    if (flaw === undefined && error !== 0) return { kind: 'failed', why: 'error', error };
    if (flaw !== undefined) return { kind: 'failed', why: flaw, ...(error !== 0 && { error }) };
    this.#isFirst = false;
    this.#unsigned = [];
    this.#priorMac = new Uint8Array(fields.mac);
    return { kind: 'valid' };
  }

  /** Whether the last message was signed, as it must be (RFC 8945 §5.3.1). */
  get isComplete(): boolean {
    return !this.#isFirst && this.#unsigned.length === 0;
  }

  #pass(octets: Uint8Array): ReplyVerdict {
    if (this.#isFirst || this.#unsigned.length === MAX_UNSIGNED_IN_STREAM) {
      return { kind: 'failed', why: 'unsigned' };
    }
    this.#unsigned.push(octets);
    return { kind: 'pending' };
  }
}

type SignedPlace = Extract<Placed, { kind: 'signed' }>;

interface Prior {
  readonly priorMac: Uint8Array | undefined;
  readonly unsigned: readonly Uint8Array[];
  readonly isTimersOnly: boolean;
}

interface Check {
  readonly key: TsigKey;
  readonly nowSeconds: number;
  readonly prior: Prior;
}

/** As an extended rcode (RFC 8945 §3); the number that it shares with BADVERS. */
const BADSIG = 16;

function flawOf(
  octets: Uint8Array,
  { start, fields }: SignedPlace,
  { key, nowSeconds, prior }: Check,
): 'malformed' | 'bad signature' | 'bad truncation' | 'bad time' | undefined {
  const { mac, originalId } = fields;
  const full = key.algorithm.macOctets;
  // RFC 8945 §5.2.2.1: less than half is no truncation that anybody may ask for.
  if (mac.length > full || (mac.length > 0 && mac.length < leastMacOctets(full))) {
    return 'malformed';
  }
  const message = unsignedMessage(octets, { start, originalId });
  const computed = computeMac(key, { ...prior, message, fields });
  if (mac.length === 0 || !beginsWithMac(computed, mac)) return 'bad signature';
  if (mac.length < key.macOctets) return 'bad truncation';
  const skewSeconds = Math.abs(nowSeconds - fields.timeSeconds);
  return skewSeconds > fields.fudgeSeconds ? 'bad time' : undefined;
}

function leastMacOctets(full: number): number {
  return Math.max(10, Math.ceil(full / 2));
}

/** Names compare by octets without letter case; a key is of one algorithm (RFC 8945 §5.2.1). */
function isOfKey({ keyName, fields }: SignedPlace, key: TsigKey): boolean {
  return keyName.equals(key.name) && algorithmOfName(fields.algorithm)?.text === key.algorithm.text;
}
