/** What the caches may hold, and for how long, each limit with its reason. */

const MIB = 2 ** 20;

export interface CacheLimits {
  /** A TTL above is taken as this: whoever errs by a week is forgiven after a day. */
  readonly ttlSeconds: number;
  /** A TTL below is taken as this: owners ask for less to be asked more, so 0 is honest. */
  readonly ttlSecondsMin: number;
  /** RFC 2308 §5 recommends one to three hours at most for "does not exist". */
  readonly negativeTtlSeconds: number;
  readonly negativeTtlSecondsMin: number;
  /**
   * A cut that its parent grants for less is kept for this, but never for longer than the cut above
   * it. 0, for a withdrawn delegation is to be gone when its parent said it would.
   */
  readonly delegationTtlSecondsMin: number;
  /** A larger RRset is passed on but not kept: one name must not push out a hundred others. */
  readonly recordsPerRRset: number;
  readonly octetsPerRRset: number;
  /** RFC 9520 §3.2: a failure is kept for 1 s at least and 5 min at most. It doubles in between. */
  readonly failureSeconds: number;
  readonly failureSecondsMax: number;
  /**
   * Of the four stores apart, so that a flood of one kind leaves the others alone. The first two
   * are memory outside the heap: 64 MiB hold some 600,000 small RRsets.
   */
  readonly recordOctets: number;
  readonly negativeOctets: number;
  readonly delegationOctets: number;
  readonly failureOctets: number;
}

export const cacheLimits: CacheLimits = {
  ttlSeconds: 86_400,
  ttlSecondsMin: 0,
  negativeTtlSeconds: 3600,
  negativeTtlSecondsMin: 0,
  delegationTtlSecondsMin: 0,
  recordsPerRRset: 100,
  octetsPerRRset: 65_536,
  failureSeconds: 5,
  failureSecondsMax: 60,
  recordOctets: 64 * MIB,
  negativeOctets: 16 * MIB,
  delegationOctets: 16 * MIB,
  failureOctets: 4 * MIB,
};

/**
 * What an entry of objects (a delegation, a failure) costs beside its octets: the objects, the
 * key's string, the slots of the container. Measured at 365 to 411 octets of heap for small ones.
 */
export const ENTRY_OVERHEAD_OCTETS = 400;

/** "There is nothing", of servers that send no SOA with it: too short for anybody to notice. */
export const BARE_NEGATIVE_SECONDS = 5;
