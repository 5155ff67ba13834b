/**
 * What theory says about a cache with one TTL. Rates per second, times in seconds.
 *
 * A cycle begins with a miss; after `fetching` seconds the record is there, for `ttl` seconds; the
 * next question after that begins the next cycle (renewal theory: Jung, Berger and Balakrishnan,
 * *Modeling TTL-based Internet Caches*, INFOCOM 2003). The formulas of textbooks have it 0.
 */

export interface CacheModel {
  /** Questions per second, Poisson. */
  readonly rate: number;
  readonly ttl: number;
  /** From the miss until the record is cached. */
  readonly fetching: number;
}

/** Of all questions, those answered at once. */
export function hitRatio({ rate, ttl, fetching }: CacheModel): number {
  return (rate * ttl) / (1 + rate * (ttl + fetching));
}

/** Questions to the authority per second: one a cycle. */
export function upstreamRate({ rate, ttl, fetching }: CacheModel): number {
  return rate / (1 + rate * (ttl + fetching));
}

/**
 * Of all questions, those answered with a record that has changed since, where it changes `changes`
 * times a second (Poisson), and `way` is the time from the authority to the cache.
 */
export function staleRatio(model: CacheModel, changes: number, way: number): number {
  const { ttl } = model;
  if (changes === 0) return 0;
  const onTheWay = 1 - Math.exp(-changes * way);
  if (ttl === 0) return onTheWay;
  const freshInCache = (1 - Math.exp(-changes * ttl)) / (changes * ttl);
  const hits = hitRatio(model);
  return hits * (1 - (1 - onTheWay) * freshInCache) + (1 - hits) * onTheWay;
}

/**
 * For how long an answer has been untrue, in seconds, on average over all answers: at the age a of
 * what is cached the expectation is a − (1 − e^(−μa)) / μ, and of hits a is uniform up to T.
 */
export function meanStaleness(model: CacheModel, changes: number): number {
  const { ttl } = model;
  if (changes === 0 || ttl === 0) return 0;
  const ofHits = ttl / 2 - 1 / changes + (1 - Math.exp(-changes * ttl)) / (changes ** 2 * ttl);
  return hitRatio(model) * ofHits;
}

/** For how long after a change the cache still gives the old record, on average. */
export function meanStaleWindow(model: CacheModel): number {
  return (hitRatio(model) * model.ttl) / 2;
}

/**
 * The TTL with the least cost, of one `query` to the authority and one `stale` answer, where
 * questions are many and changes few within a TTL.
 */
export function cheapestTtl(
  rate: number,
  changes: number,
  costs: { readonly query: number; readonly stale: number },
): number {
  return Math.sqrt((2 * costs.query) / (costs.stale * rate * changes));
}

/** Misses within the first `seconds` of a cache that begins empty. */
export function expectedMisses({ rate, ttl, fetching }: CacheModel, seconds: number): number {
  let misses = 0;
  for (let k = 1; ; k += 1) {
    const left = seconds - (k - 1) * (ttl + fetching);
    // The k-th needs k waits for a question, and k − 1 lives of the record between them.
    if (left <= 0) return misses;
    const chance = erlang(k, rate * left);
    if (chance < 1e-12) return misses;
    misses += chance;
  }
}

/** That at least `count` Poisson events of mean `mean` happen. */
function erlang(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let fewer = 0;
  for (let events = 0; events < count; events += 1) {
    fewer += term;
    term *= mean / (events + 1);
  }
  return 1 - fewer;
}
