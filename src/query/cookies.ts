/**
 * DNS cookies for clients (RFC 7873), in the form that servers of several makers understand alike
 * (RFC 9018): whoever shows one has received a reply of ours at its address a short while ago.
 *
 *      client cookie 8 | version 1 | reserved 3 | time 4 | SipHash-2-4 8
 *                        └───────────── server cookie 16 ─────────────┘
 *
 * The hash is over the client cookie, the first half of the server cookie and the client's address.
 */

import type { EdnsOptionValue } from '../wire/edns.ts';
import { EdnsOption } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { SIP_HASH_KEY_OCTETS, sipHash } from './sip-hash.ts';

export const COOKIE_SECRET_OCTETS: number = SIP_HASH_KEY_OCTETS;

const cookieLimits = {
  /** RFC 9018 §4.3: accepted for an hour, and five minutes of clocks that disagree. */
  maxAgeSeconds: 3600,
  maxAheadSeconds: 300,
  /** After half of the time a client gets a new one, so that a busy client never runs out. */
  renewAfterSeconds: 1800,
} as const;

const CLIENT_COOKIE_OCTETS = 8;
/** RFC 7873 §4.2: a server cookie has 8 to 32 octets; ours has 16. */
const SERVER_COOKIE_OCTETS = { min: 8, max: 32, ours: 16 } as const;
const VERSION = 1;

/** What a query showed, and what is shown to its client in return. */
export interface CookieFinding {
  /** Only a client cookie, one that is ours and fresh, or something else in its place. */
  readonly kind: 'new client' | 'valid' | 'invalid';
  /** For the reply. */
  readonly option: EdnsOptionValue;
}

export interface CookieClient {
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  /** Seconds since 1970. */
  readonly nowSeconds: number;
}

export class ServerCookies {
  readonly #secrets: readonly Uint8Array[];

  /** The first secret makes cookies, the others are only recognised: they are being replaced. */
  constructor(secrets: readonly Uint8Array[]) {
    this.#secrets = secrets;
  }

  /** Undefined: the query has no cookie. */
  find(message: Message, client: CookieClient): CookieFinding | 'malformed' | undefined {
    const options = message.edns?.options;
    if (options === undefined || options.length === 0) return undefined;
    const option = options.find(({ code }) => code === EdnsOption.COOKIE);
    return option && this.#judge(option.data, client);
  }

  #judge(data: Uint8Array, client: CookieClient): CookieFinding | 'malformed' {
    const serverOctets = data.length - CLIENT_COOKIE_OCTETS;
    if (serverOctets === 0) return { kind: 'new client', option: this.#fresh(data, client) };
    const { min, max, ours } = SERVER_COOKIE_OCTETS;
    // RFC 7873 §5.2.2: everything else is FORMERR.
    if (serverOctets < min || serverOctets > max) return 'malformed';
    const age = serverOctets === ours ? this.#ageOf(data, client) : undefined;
    if (age === undefined) return { kind: 'invalid', option: this.#fresh(data, client) };
    const isOld = age > cookieLimits.renewAfterSeconds;
    const option = isOld ? this.#fresh(data, client) : { code: EdnsOption.COOKIE, data };
    return { kind: 'valid', option };
  }

  /** Seconds since it was made here for this client; undefined if it was not, or is over. */
  #ageOf(data: Uint8Array, client: CookieClient): number | undefined {
    if (data[CLIENT_COOKIE_OCTETS] !== VERSION) return undefined;
    // RFC 1982 §3.2: seconds of 32 bits wrap around.
    const age = (client.nowSeconds - timeOf(data)) | 0;
    if (age > cookieLimits.maxAgeSeconds || age < -cookieLimits.maxAheadSeconds) return undefined;
    for (const [i, secret] of this.#secrets.entries()) {
      if (!isSame(data.subarray(16), hashOf(data, client.address, secret))) continue;
      // One of a secret that is being replaced is renewed at once.
      return i === 0 ? age : cookieLimits.maxAgeSeconds;
    }
    return undefined;
  }

  #fresh(shown: Uint8Array, { address, nowSeconds }: CookieClient): EdnsOptionValue {
    const data = new Uint8Array(CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS.ours);
    data.set(shown.subarray(0, CLIENT_COOKIE_OCTETS));
    data[CLIENT_COOKIE_OCTETS] = VERSION;
    new DataView(data.buffer).setUint32(12, nowSeconds >>> 0);
    data.set(hashOf(data, address, this.#secrets[0]!), 16);
    return { code: EdnsOption.COOKIE, data };
  }
}

function timeOf(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(12);
}

/** RFC 9018 §4.4: over everything before the hash, and the address of the client. */
function hashOf(data: Uint8Array, address: Uint8Array, secret: Uint8Array): Uint8Array {
  const input = new Uint8Array(16 + address.length);
  input.set(data.subarray(0, 16));
  input.set(address, 16);
  const hash = new Uint8Array(8);
  sipHash(secret, input, hash);
  return hash;
}

/** In the same time, wherever they differ. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < b.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
