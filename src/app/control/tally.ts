/**
 * What a worker has counted so far, as far as it outlives the worker: how often things happened.
 * What is in its memory, or waits there, ends with it.
 */

type Fields = Readonly<Record<string, unknown>>;

/** Beside those of `counters` and of the query log, which all are: of a cache. */
const COUNTED: ReadonlySet<string> = new Set(['hits', 'misses', 'evictions']);

/** Of the result of 'status', in its form. */
export function tallyOf({ counters, cache, finishedAnswers, queryLog }: Fields): Fields {
  return {
    finishedAnswers: counted(finishedAnswers),
    ...(queryLog !== undefined && { queryLog }),
    ...(counters !== undefined && { counters, cache: counted(cache) }),
  };
}

/** Numbers added, key by key and as deep as they are; of other values the last. */
export function sum(values: readonly unknown[]): Fields {
  const total: Record<string, unknown> = {};
  for (const value of values) {
    for (const [key, part] of Object.entries((value ?? {}) as Fields)) {
      const before = total[key];
      if (isFields(part)) total[key] = sum([before, part]);
      else total[key] = typeof part === 'number' ? part + Number(before ?? 0) : part;
    }
  }
  return total;
}

function counted(value: unknown): Fields {
  const parts = Object.entries((value ?? {}) as Fields).flatMap(([key, part]) => {
    if (isFields(part)) return [[key, counted(part)] as const];
    return COUNTED.has(key) ? [[key, part] as const] : [];
  });
  return Object.fromEntries(parts);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
