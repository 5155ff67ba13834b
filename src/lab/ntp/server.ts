/**
 * An NTP server (RFC 5905 §9.2, mode 4 only): answers each request at once with its own times, and
 * remembers nothing of clients but how often they ask. It tells the clock that it is given, and
 * sets none.
 *
 * A packet of any octets is answered or ignored, and never harms. The answer is never longer than
 * the question, so that nobody can use it to multiply what he sends to somebody else.
 */

import type { Endpoint, Peer, Runtime, UdpSocket } from '../../net/ports.ts';
import { ntp } from './constants.ts';
import {
  identifierOf,
  type LeapIndicator,
  modes,
  type NtpPacket,
  PACKET_OCTETS,
  readPacket,
  UNSYNCHRONISED_STRATUM,
  writePacket,
} from './packet.ts';
import { shortOf, timestampOf } from './timestamp.ts';

const limits = {
  /** Clients whose rate is remembered; when one more comes, who asked longest ago is forgotten. */
  clients: 10_000,
} as const;

export interface NtpServerOptions {
  readonly runtime: Runtime;
  readonly listen: Endpoint;
  /** The clock it tells, in nanoseconds since 1970. */
  readonly nowNs: () => bigint;
  /** How far from a primary source: 1 to 15; undefined: not synchronised, and it says so. */
  readonly stratum: number | undefined;
  /** Four letters: whom it has the time from. */
  readonly source?: string;
  readonly leap?: LeapIndicator;
  /** How wrong it may be. */
  readonly rootDelayNs?: number;
  readonly rootDispersionNs?: number;
  /** Requests a second of one address; more of them get a kiss, then silence. Default 20. */
  readonly perSecond?: number;
  /** Addresses that get the kiss DENY. */
  readonly denies?: (address: string) => boolean;
}

export interface NtpServerCounts {
  answered: number;
  /** Kisses of death, RATE and DENY. */
  kissed: number;
  /** No requests, or too many. */
  ignored: number;
}

/** The binary logarithm of the precision in seconds: a quarter of a microsecond. */
const PRECISION = -22;
const USUAL_PER_SECOND = 20;
/** A kiss for every so many requests too many: it must not double what a flood costs. */
const KISS_EVERY = 8;

export class NtpServer {
  readonly counts: NtpServerCounts = { answered: 0, kissed: 0, ignored: 0 };
  readonly #options: NtpServerOptions;
  /** In the order in which they asked last. */
  readonly #clients = new Map<string, Client>();
  #socket: UdpSocket | undefined;
  #startNs = 0n;

  private constructor(options: NtpServerOptions) {
    this.#options = options;
  }

  /** Rejects with `BindError`. */
  static async open(options: NtpServerOptions): Promise<NtpServer> {
    const server = new NtpServer(options);
    server.#startNs = options.nowNs();
    server.#socket = await options.runtime.network.bindUdp(options.listen, (bytes, peer, reply) =>
      server.#answer(bytes, { peer, reply }),
    );
    return server;
  }

  get local(): Endpoint {
    return this.#socket?.local ?? this.#options.listen;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#socket?.close();
  }

  #answer(
    bytes: Uint8Array,
    { peer, reply }: { readonly peer: Peer; readonly reply: Uint8Array },
  ): number {
    const receivedNs = this.#options.nowNs();
    const request = readPacket(bytes);
    if (request === undefined || !isRequest(request)) {
      this.counts.ignored += 1;
      return 0;
    }
    const { address } = peer.endpoint;
    const kiss = this.#options.denies?.(address) === true ? 'DENY' : this.#rateKiss(address);
    if (kiss === 'silence') {
      this.counts.ignored += 1;
      return 0;
    }
    if (kiss === undefined) this.counts.answered += 1;
    else this.counts.kissed += 1;
    const answer = kiss === undefined ? this.#state() : kissOf(kiss);
    const receive = timestampOf(receivedNs);
    const { version, poll, transmit: origin } = request;
    const reference = timestampOf(this.#startNs);
    const transmit = timestampOf(this.#options.nowNs());
    const common = { version, mode: modes.server, poll, precision: PRECISION };
    writePacket({ ...common, ...answer, reference, origin, receive, transmit }, reply);
    return PACKET_OCTETS;
  }

  #state(): State {
    const { stratum, source = 'LOCL', leap = 0 } = this.#options;
    const { rootDelayNs = 0, rootDispersionNs = 0 } = this.#options;
    const ageNs = Number(this.#options.nowNs() - this.#startNs);
    const dispersionNs = rootDispersionNs + (Math.max(0, ageNs) * ntp.phiPpm) / 1_000_000;
    const isSynchronised = stratum !== undefined;
    return {
      leap: isSynchronised ? leap : 3,
      stratum: stratum ?? UNSYNCHRONISED_STRATUM,
      rootDelay: shortOf(rootDelayNs),
      rootDispersion: shortOf(isSynchronised ? dispersionNs : ntp.maxDispersionNs),
      referenceId: identifierOf(isSynchronised ? source : 'INIT'),
    };
  }

  /** A bucket of tokens an address, which fills at the rate. */
  #rateKiss(address: string): 'RATE' | 'silence' | undefined {
    const { perSecond = USUAL_PER_SECOND, runtime } = this.#options;
    const nowMs = runtime.clock.monotonic();
    const known = this.#clients.get(address);
    const client = known ?? { tokens: perSecond, atMs: nowMs, refused: 0 };
    client.tokens += ((nowMs - client.atMs) / 1000) * perSecond;
    client.tokens = Math.min(client.tokens, perSecond);
    client.atMs = nowMs;
    this.#clients.delete(address);
    this.#clients.set(address, client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > limits.clients && oldest !== undefined) {
      this.#clients.delete(oldest);
    }
    if (client.tokens >= 1) {
      client.tokens -= 1;
      client.refused = 0;
      return undefined;
    }
    client.refused += 1;
    return client.refused % KISS_EVERY === 1 ? 'RATE' : 'silence';
  }
}

interface Client {
  tokens: number;
  atMs: number;
  refused: number;
}

type State = Pick<NtpPacket, 'leap' | 'stratum' | 'rootDelay' | 'rootDispersion' | 'referenceId'>;

/** Versions 1 to 4 in client mode; version 1 had no modes, and nobody speaks it. */
function isRequest({ mode, version }: NtpPacket): boolean {
  return mode === modes.client && version >= 2 && version <= ntp.version;
}

/** RFC 5905 §7.4: stratum 0, and the reason in the reference identifier. */
function kissOf(code: 'RATE' | 'DENY'): State {
  return {
    leap: 3,
    stratum: 0,
    rootDelay: 0,
    rootDispersion: 0,
    referenceId: identifierOf(code),
  };
}
