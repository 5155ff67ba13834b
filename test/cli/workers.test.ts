/** Several threads behind one address: all of them serve, and what becomes of one concerns it alone. */

import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';

import { ZoneSet } from '../../src/authority/zone-set.ts';
import type { Config } from '../../src/cli/config/config.ts';
import { CommandError } from '../../src/cli/failure.ts';
import type { LevelledLogger } from '../../src/cli/logger.ts';
import { carriedConfig, openedConfig, type WorkerTask } from '../../src/cli/worker-task.ts';
import { startWorkers, type Workers } from '../../src/cli/workers.ts';
import { exchange } from '../../src/client/exchange.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { Clock } from '../../src/net/ports.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { loadZone, type Zone } from '../../src/zone/zone.ts';
import { reasonAgainstBatches } from '../net/real/batch-support.ts';

/** As it was built: a thread of Node cannot run sources. */
const PROGRAM = new URL('../../dist/cli/worker-thread.js', import.meta.url);
const reason = await reasonAgainstBatches();
/** Each thread starts a JavaScript engine, which takes its time on a busy machine. */
const PATIENCE = { timeout: 60_000 };
const runtime = createRealRuntime();
/** Questions at once, each from a port of its own. */
const PORTS = 24;
/**
 * The kernel may deal more connections to one worker than it takes of an address by default, and
 * on a busy machine those before may still be open.
 */
const CONFIG: Config = {
  logLevel: 'silent',
  clients: { tcp: { connectionsPerAddress: 4 * PORTS } },
};

function zone(serial: number): Zone {
  const text = `$ORIGIN lab.test.\n@ 60 SOA ns host ${serial} 3600 600 86400 60\n@ 60 NS ns\nns 60 A 192.0.2.1`;
  const loaded = loadZone(new TextEncoder().encode(text), { file: 'lab.test' });
  if (!loaded.ok) throw new Error('no zone');
  return loaded.value;
}

interface Crew {
  readonly workers: Workers;
  readonly logger: LevelledLogger;
  readonly threads: Worker[];
  readonly log: string[];
  /** Until the log has so many lines. */
  logged(count: number): Promise<void>;
}

let crew: Crew | undefined;

async function start(count: number, address = '127.0.0.1'): Promise<Crew> {
  const threads: Worker[] = [];
  const log: string[] = [];
  let onLine = (): void => {};
  const note = (_fields: object, message: string): void => {
    log.push(message);
    onLine();
  };
  const logged = async (lines: number): Promise<void> => {
    while (log.length < lines) await new Promise<void>((resolve) => (onLine = resolve));
  };
  const logger = { ...silentLogger, level: 'silent', error: note, info: note };
  const workers = await startWorkers({
    count,
    config: CONFIG,
    listen: [{ address, port: 0 }],
    zones: new ZoneSet([zone(1)]),
    logger,
    // A pause is over at once.
    clock: { ...runtime.clock, schedule: (delayMs, callback) => schedule(delayMs, callback) },
    spawn(workerData: WorkerTask) {
      const thread = new Worker(PROGRAM, { workerData });
      threads.push(thread);
      return thread;
    },
  });
  return { workers, logger, threads, log, logged };
}

function schedule(delayMs: number, callback: () => void): ReturnType<Clock['schedule']> {
  return runtime.clock.schedule(delayMs < 1000 ? 0 : delayMs, callback);
}

afterEach(async () => {
  await crew?.workers.close();
  crew = undefined;
});

async function serialOf({ workers }: Crew, tcp: boolean): Promise<number> {
  const outcome = await exchange(runtime, {
    server: workers.endpoints[0]!,
    question: { name: nameOf('lab.test.'), type: RRType.SOA, class: DnsClass.IN },
    timeoutMs: 5000,
    tcp,
  });
  if (outcome.kind !== 'reply') throw new Error(outcome.kind);
  return outcome.message.answers[0]!.rdata.at(-17)!;
}

/** From so many ports that the kernel deals them out to all workers. */
function serials(one: Crew, tcp = false): Promise<number[]> {
  return Promise.all(Array.from({ length: PORTS }, () => serialOf(one, tcp)));
}

test.skipIf(reason)(
  'all workers answer on one port, and a new version reaches them all',
  PATIENCE,
  async () => {
    const all = await start(2);
    crew = all;
    expect(new Set([...(await serials(all)), ...(await serials(all, true))])).toEqual(new Set([1]));
    // Messages to a thread keep their order: what follows the version comes after it.
    all.workers.zones.put(zone(2));
    for (let tries = 0; tries < 100 && (await serials(all)).includes(1); tries++);
    expect(new Set([...(await serials(all)), ...(await serials(all, true))])).toEqual(new Set([2]));
  },
);

test.skipIf(reason)(
  'a worker that dies is replaced, serves what is served now, and the log says so',
  PATIENCE,
  async () => {
    const all = await start(2);
    crew = all;
    all.workers.zones.put(zone(7));
    await all.threads[0]!.terminate();
    await all.logged(2);
    expect(all.log).toEqual([
      'a worker ended: another one takes its place',
      'a worker was replaced',
    ]);
    expect(all.threads).toHaveLength(3);
    // What it had counted is kept.
    expect(all.workers.past).toHaveProperty('finishedAnswers.hits');
    // The other one was told of the new version while it was alive.
    for (let tries = 0; tries < 100 && (await serials(all)).includes(1); tries++);
    expect(new Set(await serials(all))).toEqual(new Set([7]));
  },
);

test.skipIf(reason)(
  'what was changed since the start holds in all workers, and in one that replaces another',
  PATIENCE,
  async () => {
    const all = await start(2);
    crew = all;
    const answered = async (): Promise<number> => {
      const asked = Array.from({ length: 12 }, () =>
        serialOf(all, false).then(
          () => 1,
          () => 0,
        ),
      );
      return (await Promise.all(asked)).reduce((sum: number, one) => sum + one, 0);
    };
    all.logger.level = 'error';
    const nobody = { octets: Uint8Array.of(127, 0, 0, 0), bits: 8 };
    all.workers.reconfigure({ ...CONFIG, access: { drop: [nobody] } });
    await all.threads[0]!.terminate();
    await all.logged(2);
    for (const worker of [0, 1]) {
      expect(await all.workers.ask(worker, { command: 'status' })).toMatchObject({
        ok: true,
        result: { logLevel: 'error' },
      });
    }
    expect(await answered()).toBe(0);
    all.workers.reconfigure({});
    for (let tries = 0; tries < 3 && (await answered()) < 12; tries++);
    expect(await answered()).toBe(12);
  },
);

test.skipIf(reason)(
  'an address that is not there ends the start, and leaves no thread',
  PATIENCE,
  async () => {
    const failing = start(2, '192.0.2.77');
    await expect(failing).rejects.toThrow(CommandError);
    await expect(failing).rejects.toThrow(/192\.0\.2\.77:0 \(tcp\): address not available/);
  },
);

test('a configuration survives the way to a thread, names and octets included', () => {
  const config = {
    zones: [{ file: 'a', origin: nameOf('Example.Org.') }],
    access: { recursion: [{ octets: Uint8Array.of(10, 0, 0, 0), bits: 8 }] },
    recursion: true,
  } satisfies Config;
  const opened = openedConfig(structuredClone(carriedConfig(config))) as typeof config;
  expect(opened).toEqual(config);
  expect(opened.zones[0]!.origin.toString()).toBe('Example.Org.');
});
