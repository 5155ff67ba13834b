/**
 * One client's look into the cache: what it takes, and what it came across on the way. Look-ups of
 * the resolver itself have none: they take live entries only and count for nothing.
 */

import type { OctetStore } from './octet-store.ts';
import { expiryMs, secondsLeft } from './ttl.ts';

export interface Look {
  /** Entries that are over are taken too, and show at most this TTL (RFC 8767 §4). */
  readonly staleTtlSeconds?: number | undefined;
  /**
   * When the query began that looks: what came in since shows the TTL that it came with, as if the
   * query had waited for it. The cache rounds down, so this gives back the second lost by that.
   */
  readonly sinceMs?: number | undefined;
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
export function newLook({
  staleTtlSeconds,
  sinceMs,
  popularHits,
}: Pick<Look, 'staleTtlSeconds' | 'sinceMs' | 'popularHits'>): Look {
  return {
    staleTtlSeconds,
    sinceMs,
    popularHits,
    isStale: false,
    isDue: false,
    dueAtMs: Infinity,
  };
}

/** In which part of its life, the last, an entry is refreshed. */
const LAST_PART = 0.1;
/** A refresh that came to nothing is not tried again for so long (RFC 8767 §5). */
const RETRY_MS = 30_000;

export interface Life {
  readonly ttlSeconds: number;
  readonly expiresAtMs: number;
  /** When it may be fetched anew, though it is not over. */
  readonly dueAtMs: number;
}

/** The times of an entry that lives from now on. */
export function newLife(nowMs: number, ttlSeconds: number): Life {
  const expiresAtMs = expiryMs(nowMs, ttlSeconds);
  const dueAtMs = expiresAtMs - Math.floor((expiresAtMs - nowMs) * LAST_PART);
  return { ttlSeconds, expiresAtMs, dueAtMs };
}

/** RFC 8767 §4: what a record that is over shows at most. */
const STALE_TTL_SECONDS = 30;

/** The times of an entry that was over at that time, of which it is not known how long it lived. */
export function lifeBefore(expiresAtMs: number): Life {
  return { ttlSeconds: STALE_TTL_SECONDS, expiresAtMs, dueAtMs: expiresAtMs };
}

/** Counts a hit of a live entry. */
export function noteHit(look: Look, store: OctetStore, place: number): void {
  if (look.popularHits === undefined) return;
  const { nowMs } = store;
  const hits = store.addHit(place);
  const dueAtMs = store.dueAtMs(place);
  look.dueAtMs = Math.min(look.dueAtMs, dueAtMs);
  if (hits < look.popularHits || nowMs < dueAtMs) return;
  store.setDueAtMs(place, nowMs + RETRY_MS);
  look.isDue = true;
}

/** The TTL that a live entry shows. */
export function shownTtl(
  look: Look | undefined,
  store: OctetStore,
  { place, nowMs }: { readonly place: number; readonly nowMs: number },
): number {
  const expiresAtMs = store.expiresAtMs(place);
  const ttlSeconds = store.ttlSeconds(place);
  const left = secondsLeft(expiresAtMs, nowMs);
  if (look?.sinceMs === undefined || left !== ttlSeconds - 1) return left;
  const cameAtMs = expiresAtMs - ttlSeconds * 1000;
  return cameAtMs >= Math.floor(look.sinceMs) ? ttlSeconds : left;
}
