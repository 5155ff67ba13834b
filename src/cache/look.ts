/**
 * One client's look into the cache: what it takes, and what it came across on the way. Look-ups of
 * the resolver itself have none: they take live entries only and count for nothing.
 */

import type { Expiring } from './expiring-store.ts';
import { expiryMs } from './ttl.ts';

export interface Look {
  /** Entries that are over are taken too, and show at most this TTL (RFC 8767 §4). */
  readonly staleTtlSeconds?: number;
  /** From so many hits on an entry is worth a refresh before it is over. */
  readonly popularHits?: number | undefined;
  /** Something was over. */
  isStale: boolean;
  /** Something popular is about to be over, and nobody was told of it a short while ago. */
  isDue: boolean;
  /** When the first of what was found will be worth a refresh. */
  dueAtMs: number;
}

/** Of a client that has found nothing yet. */
export function newLook(takes: Pick<Look, 'staleTtlSeconds' | 'popularHits'>): Look {
  return { ...takes, isStale: false, isDue: false, dueAtMs: Infinity };
}

/** An entry that clients ask for. */
export interface Wanted extends Expiring {
  /** As it was kept. */
  readonly ttlSeconds: number;
  /** Clients that found it. */
  hits: number;
  /** From then on it is worth a refresh. */
  dueAtMs: number;
}

/** In which part of its life, the last, an entry is refreshed. */
const LAST_PART = 0.1;
/** A refresh that came to nothing is not tried again for so long (RFC 8767 §5). */
const RETRY_MS = 30_000;

/** The fields of an entry that lives from now on. */
export function newlyWanted(
  nowMs: number,
  ttlSeconds: number,
): Pick<Wanted, 'ttlSeconds' | 'expiresAtMs' | 'hits' | 'dueAtMs'> {
  const expiresAtMs = expiryMs(nowMs, ttlSeconds);
  const dueAtMs = expiresAtMs - Math.floor((expiresAtMs - nowMs) * LAST_PART);
  return { ttlSeconds, expiresAtMs, hits: 0, dueAtMs };
}

/** Counts a hit. */
export function noteHit(look: Look, entry: Wanted, nowMs: number): void {
  entry.hits++;
  if (look.popularHits === undefined) return;
  look.dueAtMs = Math.min(look.dueAtMs, entry.dueAtMs);
  if (entry.hits < look.popularHits || nowMs < entry.dueAtMs || nowMs >= entry.expiresAtMs) return;
  entry.dueAtMs = nowMs + RETRY_MS;
  look.isDue = true;
}
