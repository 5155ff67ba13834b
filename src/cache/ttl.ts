/**
 * How a TTL counts down. An entry that came with TTL n at time t is served until, not at, t + n
 * seconds, and shows the whole seconds that are left, rounded down: no cache behind us can keep it
 * longer than its owner said. So a record of TTL 300 shows 299 after a millisecond, and 0 in its
 * last second ("use it, do not keep it").
 */

/** A TTL as it is kept: not above what is reasonable, nor below what the operator wants. */
export function clampTtl(ttlSeconds: number, minSeconds: number, maxSeconds: number): number {
  return Math.max(minSeconds, Math.min(ttlSeconds, maxSeconds));
}

export function expiryMs(nowMs: number, ttlSeconds: number): number {
  return nowMs + ttlSeconds * 1000;
}

export function secondsLeft(expiresAtMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((expiresAtMs - nowMs) / 1000));
}
