/** What is played of one date in DNS, and what is seen of it. */

import type { Attempt } from './cas-writer.ts';
import type { ZoneTimes } from './mix-zone.ts';

/** One way, from the near writer to the primary, and from clients to what they ask. */
export const NEAR_DELAY_MS = 1;

export interface MixOptions {
  readonly seed: string;
  readonly times: ZoneTimes;
  readonly secondaries: number;
  readonly caches: number;
  /** One way, between any two servers. */
  readonly delayMs: number;
  /** Whether the primary tells its secondaries of changes. */
  readonly notifies: boolean;
  /** For how long caches answer out of what is over; 0: they do not. */
  readonly maxStaleSeconds: number;
  readonly writeEveryMs: number;
  readonly askEveryMs: number;
  /** In the middle between two writes, lest it tears a transfer. */
  readonly cutAtMs: number;
  readonly cutMs: number;
  /** From the end of the cut to the end of the run. */
  readonly settleMs: number;
  readonly mutant?: string | undefined;
}

export type Side = 'near' | 'far';

export interface Write extends Attempt {
  readonly side: Side;
  readonly text: string;
  readonly askedAtMs: number;
}

export interface Read {
  /** The name of the secondary or the cache that was asked. */
  readonly of: string;
  readonly isCache: boolean;
  readonly askedAtMs: number;
  readonly endedAtMs: number;
  /** Undefined: no answer, or a failure. */
  readonly value: string | undefined;
  /** For how long the answer had been untrue when it left the server. */
  readonly staleMs: number;
}

/** A version of the zone, when a server began to serve it. */
export interface Version {
  readonly serial: number;
  readonly value: string;
  readonly atMs: number;
}

export interface Copy {
  readonly versions: Version[];
  /** When it last had word of the primary before it gave up, and when it gave up. */
  readonly expiries: { readonly heardAtMs: number; readonly atMs: number }[];
}

export interface MixResult {
  readonly traceHash: string;
  /** From when on the network is cut, and from when on it is whole again. */
  readonly cutAtMs: number;
  readonly healAtMs: number;
  readonly endMs: number;
  readonly history: readonly Version[];
  readonly copies: ReadonlyMap<string, Copy>;
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
}
