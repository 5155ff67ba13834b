/**
 * A thread of `ts-dns serve --workers`: a whole server of its own, with its own sockets, resolver
 * and caches. Zones come as images in shared memory; which there are the supervisor decides.
 */

import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { startSystem, type System } from '../app/system.ts';
import { DescriptorLedger } from '../net/real/batch/descriptor-ledger.ts';
import { createRealRuntime } from '../net/real/runtime.ts';
import { DnsName } from '../wire/name.ts';
import { openImage } from '../zone/image.ts';
import type { Config } from './config/config.ts';
import { createLogger } from './logger.ts';
import { systemOptions } from './serve.ts';
import { openedConfig, type FromWorker, type ToWorker, type WorkerTask } from './worker-task.ts';

const port = parentPort;
assert(port, 'this program is a thread of another');
const task = workerData as WorkerTask;
const tell = (news: FromWorker): void => port.postMessage(news, []);
try {
  const system = await start(task);
  port.on('message', (order: ToWorker) => obey(system, order));
  tell({ kind: 'ready', endpoints: system.endpoints });
} catch (error) {
  // Ended by the supervisor, or else the message might be lost with the thread.
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}

async function start({
  config: carried,
  listen,
  images,
  ledger: memory,
}: WorkerTask): Promise<System> {
  const config = openedConfig(carried) as Config;
  const logger = await createLogger(config.logLevel ?? 'info');
  const ledger = new DescriptorLedger(memory);
  const runtime = createRealRuntime({ logger, udp: { io: 'batch', reusePort: true, ledger } });
  const zones = images.map((image) => openImage(image));
  return startSystem({ ...(await systemOptions(config)), runtime, logger, listen, zones });
}

function obey(system: System, order: ToWorker): void {
  switch (order.kind) {
    case 'put':
      return system.zones.put(openImage(order.image));
    case 'delete':
      return system.zones.delete(DnsName.fromWire(order.origin));
    case 'stop':
      void system.close().then(() => tell({ kind: 'stopped' }));
  }
}
