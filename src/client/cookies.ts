/**
 * The cookies between us and one server (RFC 7873 §5, RFC 9018 §3): eight random octets of ours
 * that only this server sees, and what it gave us in return. A reply that echoes ours was written
 * by somebody who saw the query, so a forger must guess 64 bits more.
 *
 *     ours alone ─► server's learned ─► every reply over UDP must carry ours
 *                        ▲                 │ without: asked again over TCP (`matching.ts`)
 *                        └── a while ◄─────┴ without over TCP as well: not required
 *
 * Only replies over a connection lessen what is required, so no forger can. Ours changes with our
 * own address, by which it would otherwise track us across networks (RFC 7873 §5.1).
 */

import type { Clock, Random } from '../net/ports.ts';
import { EdnsOption } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { clientLimits } from './limits.ts';

/** What a reply's cookie says about whoever wrote it. */
export type CookieEvidence = 'ours' | 'none' | 'not ours';

export class ServerCookies {
  readonly #clock: Clock;
  readonly #random: Random;
  #ours: Uint8Array | undefined;
  #localAddress = '';
  #theirs: Uint8Array | undefined;
  #optionalUntilMs = 0;
  #offUntilMs = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The option for a query from `localAddress`; undefined: none is to be sent. */
  optionFor(localAddress: string): Uint8Array | undefined {
    if (this.#clock.monotonic() < this.#offUntilMs) return undefined;
    if (!this.#ours || this.#localAddress !== localAddress) {
      this.#ours = new Uint8Array(CLIENT_COOKIE_OCTETS);
      this.#random.fill(this.#ours);
      this.#localAddress = localAddress;
      this.#theirs = undefined;
    }
    if (!this.#theirs) return this.#ours;
    const data = new Uint8Array(CLIENT_COOKIE_OCTETS + this.#theirs.length);
    data.set(this.#ours);
    data.set(this.#theirs, CLIENT_COOKIE_OCTETS);
    return data;
  }

  /** The server has given a cookie before, so its replies carry one. */
  get isRequired(): boolean {
    return this.#theirs !== undefined && this.#clock.monotonic() >= this.#optionalUntilMs;
  }

  /** Takes the server's part out of a reply that carries ours. */
  learn(message: Message): void {
    const data = cookieIn(message);
    if (data && data.length > CLIENT_COOKIE_OCTETS) {
      this.#theirs = new Uint8Array(data.subarray(CLIENT_COOKIE_OCTETS));
    }
  }

  /** Over TCP, too, a reply came without: some servers behind one address have cookies, or none. */
  makeOptional(): void {
    this.#optionalUntilMs = this.#clock.monotonic() + clientLimits.cookieTrustMs;
  }

  /** No cookie pleases the server: it is asked without. */
  suspend(): void {
    this.#offUntilMs = this.#clock.monotonic() + clientLimits.cookieTrustMs;
    this.#theirs = undefined;
  }
}

export function evidenceIn(message: Message, sent: Uint8Array): CookieEvidence {
  const data = cookieIn(message);
  if (!data) return 'none';
  if (!isCookieLength(data.length)) return 'not ours';
  for (let i = 0; i < CLIENT_COOKIE_OCTETS; i++) if (data[i] !== sent[i]) return 'not ours';
  return 'ours';
}

const CLIENT_COOKIE_OCTETS = 8;

/** RFC 7873 §4: ours alone, or with 8 to 32 octets of the server's. */
function isCookieLength(octets: number): boolean {
  return octets === CLIENT_COOKIE_OCTETS || (octets >= 16 && octets <= 40);
}

function cookieIn({ edns }: Message): Uint8Array | undefined {
  return edns?.options.find(({ code }) => code === EdnsOption.COOKIE)?.data;
}
