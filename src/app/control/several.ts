/**
 * The control socket of a server in several workers, each with a resolver and caches of its own:
 * each command goes to all of them, and their replies become one. Numbers add up; rows of a list
 * say in `worker` whose they are; a dump has each entry once.
 *
 *     request ─► here (log level, reload, stop) ─► reply
 *             └► every worker ─► replies ─► sum, list or dump ─► reply
 */

import type { Clock } from '../../net/ports.ts';
import { uniteDumps } from '../../cache/dump-union.ts';
import { controlHandler, problemOfFile, type ControlTarget } from './commands.ts';
import type { ControlHandler, ControlReply } from './session.ts';
import { sum } from './tally.ts';

const severalLimits = {
  /** What is asked of all takes milliseconds; loading and dumping are not timed. */
  replyMs: 5_000,
} as const;

type Request = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

export interface ControlledWorkers {
  /** By number; one that is not running just now is missing. */
  running(): readonly number[];
  /** What those that have ended had counted (`tally.ts`). */
  readonly past: Fields;
  /** Undefined: it ended before it replied. */
  ask(worker: number, request: Request): Promise<ControlReply | undefined>;
}

/** `own` is what the thread itself knows of all of it: addresses, zones, log, memory. */
export function severalHandler(own: ControlTarget, all: ControlledWorkers): ControlHandler {
  const here = controlHandler(own);
  const workers = withoutSilent(all, own.clock);
  return async (request) => {
    switch (request['command']) {
      case 'status':
        return combine(await askAll(workers, request), async (replies) =>
          sumStatus(await here(request), replies, all.past),
        );
      case 'lookup':
        return combine(await askAll(workers, request), (replies) => {
          const { name } = replies[0]!.result;
          return { name, entries: rows(replies, 'entries'), ...deepestCut(replies) };
        });
      case 'servers':
        return combine(await askAll(workers, request), (replies) => {
          return { servers: rows(replies, 'servers') };
        });
      case 'pending':
        return combine(await askAll(workers, request), (replies) => {
          return { queries: rows(replies, 'queries') };
        });
      case 'flush':
        return combine(await askAll(workers, request), (replies) =>
          sum(replies.map(({ result }) => result)),
        );
      case 'load':
        return load(all, request);
      case 'dump':
        return dump(own, { all, workers }, request);
      case 'log-level':
        return logLevel(await here(request), workers, request);
      default:
        return here(request);
    }
  };
}

/** One that does not reply in time is left out, as one that is not running. */
function withoutSilent(workers: ControlledWorkers, clock: Clock): ControlledWorkers {
  return {
    running: () => workers.running(),
    get past() {
      return workers.past;
    },
    ask: (worker, request) =>
      new Promise((resolve, reject) => {
        const timer = clock.schedule(severalLimits.replyMs, () => resolve(undefined));
        void workers
          .ask(worker, request)
          .then(resolve, reject)
          .finally(() => timer.cancel());
      }),
  };
}

/** Of all threads; those that replace others begin with that of the supervisor. */
async function logLevel(
  own: ControlReply,
  workers: ControlledWorkers,
  request: Request,
): Promise<ControlReply> {
  if (own.ok && request['level'] !== undefined) await askAll(workers, request);
  return own;
}

interface WorkerReply {
  readonly worker: number;
  readonly result: Fields;
}

/** The first refusal, if there is one, since all were asked the same. */
type Replies = readonly WorkerReply[] | Extract<ControlReply, { readonly ok: false }>;

async function askAll(workers: ControlledWorkers, request: Request): Promise<Replies> {
  const replies = await Promise.all(
    workers.running().map(async (worker) => [worker, await workers.ask(worker, request)] as const),
  );
  return sorted(replies);
}

function sorted(replies: readonly (readonly [number, ControlReply | undefined])[]): Replies {
  const good: WorkerReply[] = [];
  for (const [worker, reply] of replies) {
    if (reply === undefined) continue;
    if (!reply.ok) return reply;
    good.push({ worker, result: reply.result as Fields });
  }
  return good.length > 0 ? good : { ok: false, error: 'no worker is running just now: ask again' };
}

async function combine(
  replies: Replies,
  merge: (replies: readonly WorkerReply[]) => object | Promise<object>,
): Promise<ControlReply> {
  return 'ok' in replies ? replies : { ok: true, result: await merge(replies) };
}

function sumStatus(here: ControlReply, replies: readonly WorkerReply[], past: Fields): object {
  const own = here.ok ? (here.result as Fields) : {};
  const results = replies.map(({ result }) => result);
  const totals = sum([...results, past]);
  const memory = sum([own['memory'], ...results.map((result) => result['memory'])]);
  const { pending, counters, cache, finishedAnswers, queryLog } = totals;
  return {
    ...own,
    workers: replies.length,
    // The process is one, whichever of its threads says how large it is.
    memory: { ...memory, rss: (own['memory'] as Fields | undefined)?.['rss'] },
    finishedAnswers,
    ...(queryLog !== undefined && { queryLog }),
    ...(pending !== undefined && { pending, counters, cache }),
  };
}

function rows(replies: readonly WorkerReply[], key: string): readonly object[] {
  return replies.flatMap(({ worker, result }) =>
    ((result[key] ?? []) as readonly object[]).map((row) => ({ worker, ...row })),
  );
}

/** Of the closest zone cuts the closest. */
function deepestCut(replies: readonly WorkerReply[]): object {
  const cuts = replies.flatMap(({ result }): readonly Fields[] => {
    const cut = result['delegation'];
    return cut === undefined ? [] : [cut as Fields];
  });
  const [delegation] = cuts.toSorted((a, b) => depthOf(b) - depthOf(a));
  return delegation === undefined ? {} : { delegation };
}

/** A zone above another has the shorter name. */
function depthOf({ zone }: Fields): number {
  return String(zone).length;
}

/** One after the other: each reads the whole file, which may be large. */
async function load(workers: ControlledWorkers, request: Request): Promise<ControlReply> {
  const replies: (readonly [number, ControlReply | undefined])[] = [];
  for (const worker of workers.running()) {
    replies.push([worker, await workers.ask(worker, request)]);
  }
  // They have all read the same.
  return combine(sorted(replies), ([first]) => first!.result);
}

async function dump(
  own: ControlTarget,
  { all, workers }: { readonly all: ControlledWorkers; readonly workers: ControlledWorkers },
  request: Request,
): Promise<ControlReply> {
  const { file } = request;
  const problem = file === undefined ? undefined : problemOfFile(file);
  if (problem !== undefined) return { ok: false, error: problem };
  // Whoever cannot tell this has no cache either.
  const probe = await askAll(workers, { command: 'pending' });
  if ('ok' in probe) return probe;
  const lines = uniteDumps(probe.map(({ worker }) => dumpOf(all, worker)));
  if (typeof file !== 'string') return { ok: true, result: {}, lines };
  await own.writeFile(file, lines);
  return { ok: true, result: { file } };
}

/** Begun when its turn has come: a dump that nobody takes to its end leaves nothing behind. */
async function* dumpOf(
  workers: ControlledWorkers,
  worker: number,
): AsyncGenerator<string, void, undefined> {
  const reply = await workers.ask(worker, { command: 'dump' });
  if (reply?.ok === true && reply.lines) yield* reply.lines;
}
