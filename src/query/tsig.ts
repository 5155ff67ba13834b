/**
 * Transaction signatures at the server (RFC 8945 §5.2, §5.3): whether a request was signed, by
 * whom, and how its replies are sealed. A request whose signature is not believed gets NOTAUTH,
 * never an answer that ignores the signature.
 */

import type { Clock } from '../net/ports.ts';
import type { TsigKey } from '../tsig/key.ts';
import { timeOctets } from '../tsig/rdata.ts';
import { addUnsignedError, ReplySigner, signatureOctets } from '../tsig/sign.ts';
import { verifyRequest, type RequestVerdict } from '../tsig/verify.ts';
import { Rcode, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';

/** Keys that we share with others. */
export class Keyring {
  readonly #keys: ReadonlyMap<string, TsigKey>;

  constructor(keys: readonly TsigKey[] = []) {
    this.#keys = new Map(keys.map((key) => [key.name.key, key]));
  }

  get(name: DnsName): TsigKey | undefined {
    return this.#keys.get(name.key);
  }
}

/** Puts signatures behind the replies to one request, in their order. */
export interface Seal {
  /** Octets that it adds to each. */
  readonly octets: number;
  /** The whole message, signed; `nowSeconds` is the wall clock's. */
  seal(message: Uint8Array, nowSeconds: number): Uint8Array;
}

export type Signature =
  | { readonly kind: 'none' }
  /** FORMERR: several, not last, or not of the form of RFC 8945 §4.2. */
  | { readonly kind: 'malformed' }
  /** NOTAUTH, sealed with the reason. */
  | { readonly kind: 'rejected'; readonly seal: Seal }
  | { readonly kind: 'valid'; readonly key: TsigKey; readonly seal: Seal };

/** `octets` are those of `message`. */
export function checkSignature(
  message: Message,
  octets: Uint8Array,
  admittance: { readonly keys: Keyring; readonly nowSeconds: number },
): Signature {
  // Nearly no query has one, and finding that out must cost nothing.
  if (!hasSignature(message)) return NONE;
  const { keys, nowSeconds } = admittance;
  const verdict = verifyRequest(octets, (name) => keys.get(name), nowSeconds);
  switch (verdict.kind) {
    case 'unsigned':
      return NONE;
    case 'malformed':
      return { kind: 'malformed' };
    case 'valid':
      return { kind: 'valid', key: verdict.key, seal: sealFor(verdict.key, verdict.mac) };
    case 'bad key':
    case 'bad signature':
    case 'bad truncation':
    case 'bad time':
      return { kind: 'rejected', seal: rejection(verdict) };
  }
}

const NONE: Signature = { kind: 'none' };

function hasSignature({ answers, authorities, additionals }: Message): boolean {
  return [additionals, answers, authorities].some((section) => section.some(isSignature));
}

function isSignature({ type }: ResourceRecord): boolean {
  return type === RRType.TSIG;
}

function sealFor(key: TsigKey, requestMac: Uint8Array): Seal {
  const signer = new ReplySigner(key, requestMac);
  return {
    octets: signatureOctets(key),
    seal: (message, nowSeconds) => signer.sign(message, nowSeconds),
  };
}

type Rejected = Extract<RequestVerdict, { readonly keyName: DnsName }>;

/** RFC 8945 §3: extended rcodes, of which the first shares its number with BADVERS. */
const ERRORS = {
  'bad signature': 16,
  'bad key': Rcode.BADKEY,
  'bad time': Rcode.BADTIME,
  'bad truncation': 22,
} as const;

function rejection({ kind, key, keyName, fields }: Rejected): Seal {
  const error = ERRORS[kind];
  if (!key) {
    const octets = keyName.wire.length + 10 + fields.algorithm.wire.length + 16;
    const refused = { ...fields, error };
    return { octets, seal: (message) => addUnsignedError(message, keyName, refused) };
  }
  const signer = new ReplySigner(key, new Uint8Array(fields.mac));
  const isLate = kind === 'bad time';
  return {
    octets: signatureOctets(key, isLate ? 6 : 0),
    // RFC 8945 §5.2.3: the client's own time, so that it can verify this, and ours beside it.
    seal: (message, nowSeconds) =>
      signer.sign(message, isLate ? fields.timeSeconds : nowSeconds, {
        error,
        ...(isLate && { other: timeOctets(nowSeconds) }),
      }),
  };
}

/** What signatures bear (RFC 8945 §4.2). */
export function wallSeconds(clock: Clock): number {
  return Math.floor(clock.wall() / 1000);
}
