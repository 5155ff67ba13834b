/**
 * A thread of `ts-dns serve --workers`: a whole server of its own, with its own sockets, resolver
 * and caches. Zones come as images in shared memory; which there are the supervisor decides.
 */

import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { controlHandler } from '../app/control/commands.ts';
import { tallyOf } from '../app/control/tally.ts';
import { startSystem, type System } from '../app/system.ts';
import type { ControlHandler } from '../app/control/session.ts';
import type { Clock } from '../net/ports.ts';
import { DescriptorLedger } from '../net/real/batch/descriptor-ledger.ts';
import { createRealRuntime } from '../net/real/runtime.ts';
import { DnsName } from '../wire/name.ts';
import type { QueryLog } from '../query/query-log.ts';
import { openImage } from '../zone/image.ts';
import type { Config } from './config/config.ts';
import { controlTarget } from './control-target.ts';
import { createLogger, type LevelledLogger } from './logger.ts';
import { queryLogOf } from './query-log.ts';
import { liveSettings, systemOptions } from './system-options.ts';
import { WorkerControl } from './worker-control.ts';
import { WorkerUpkeep } from './worker-upkeep.ts';
import { openedConfig, type FromWorker, type ToWorker, type WorkerTask } from './worker-task.ts';

/** How often the supervisor learns what was counted: what it does not, ends with the thread. */
const TALLY_MS = 1000;

const port = parentPort;
assert(port, 'this program is a thread of another');
const task = workerData as WorkerTask;
const tell = (news: FromWorker): void => port.postMessage(news, []);
try {
  const place = await start(task);
  port.on('message', (order: ToWorker) => obey(place, order));
  tell({ kind: 'ready', endpoints: place.system.endpoints });
} catch (error) {
  // Ended by the supervisor, or else the message might be lost with the thread.
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}

interface Workplace {
  readonly system: System;
  readonly logger: LevelledLogger;
  readonly control: WorkerControl;
  readonly upkeep: WorkerUpkeep;
  readonly queryLog: QueryLog | undefined;
}

async function start({
  config: carried,
  listen,
  images,
  withheld,
  ledger: memory,
  opcodes,
}: WorkerTask): Promise<Workplace> {
  const config = openedConfig(carried) as Config;
  const logger = await createLogger(config.logLevel ?? 'info');
  const ledger = new DescriptorLedger(memory);
  const runtime = createRealRuntime({ logger, udp: { io: 'batch', reusePort: true, ledger } });
  const { clock } = runtime;
  const zones = images.map((image) => openImage(image));
  const options = await systemOptions(config);
  const upkeep = new WorkerUpkeep(opcodes, tell);
  const queryLog = await queryLogOf(config, { clock, logger });
  const place = { runtime, logger, listen, zones, upkeep, ...(queryLog && { queryLog }) };
  const system = await startSystem({ ...options, ...place });
  for (const origin of withheld) system.zones.withhold(DnsName.fromWire(origin));
  const startedAtMs = clock.monotonic();
  // Reloads and stops are the supervisor's, and nobody asks for them here.
  const reload = (): never => assert.fail('a worker does not reload by itself');
  const machine = { system, clock, logger, startedAtMs, reload, ...(queryLog && { queryLog }) };
  const handler = controlHandler(controlTarget(machine));
  const control = new WorkerControl(handler, tell);
  keepTally(handler, clock);
  return { system, logger, control, upkeep, queryLog };
}

function keepTally(handler: ControlHandler, clock: Clock): void {
  let last = '';
  const report = async (): Promise<void> => {
    const reply = await handler({ command: 'status' });
    const counts = reply.ok ? tallyOf(reply.result as Readonly<Record<string, unknown>>) : {};
    const text = JSON.stringify(counts);
    if (text !== last) tell({ kind: 'tally', counts });
    last = text;
    clock.schedule(TALLY_MS, () => void report());
  };
  void report();
}

function obey({ system, logger, control, upkeep, queryLog }: Workplace, order: ToWorker): void {
  switch (order.kind) {
    case 'put':
      return system.zones.put(openImage(order.image));
    case 'delete':
      return system.zones.delete(DnsName.fromWire(order.origin));
    case 'withhold':
      return system.zones.withhold(DnsName.fromWire(order.origin));
    case 'configure':
      logger.level = order.logLevel;
      return system.reconfigure(liveSettings(openedConfig(order.config) as Config));
    case 'control':
    case 'more':
    case 'enough':
      void control.obey(order);
      return;
    case 'operated':
    case 'changes':
      return upkeep.take(order);
    case 'reopen-query-log':
      void queryLog?.reopen();
      return;
    case 'stop':
      void close(system, queryLog).then(() => tell({ kind: 'stopped' }));
  }
}

/** Whatever is answered until the end is in the log. */
async function close(system: System, queryLog: QueryLog | undefined): Promise<void> {
  await system.close();
  await queryLog?.close();
}
