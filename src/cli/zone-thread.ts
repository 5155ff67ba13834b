/** A thread of `loadZones`: loads files while there are some, and posts what became of them. */

import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { DnsName } from '../wire/name.ts';
import { FileQueue } from './file-queue.ts';
import type { ZoneSource } from './options.ts';
import { OutcomeReader, type LoadOutcome } from './zone-files.ts';
import type { HelperFile, HelperReport, HelperTask } from './zone-threads.ts';

assert(parentPort, 'this program is a thread of another');
// Nothing is transferred: images are shared, the rest is cloned.
parentPort.postMessage(loadFrom(workerData as HelperTask), []);

function loadFrom({ files, queue: words, place }: HelperTask): HelperReport {
  const queue = new FileQueue(words);
  const reader = new OutcomeReader();
  const outcomes: [number, LoadOutcome][] = [];
  for (let at = queue.take(place); at !== undefined; at = queue.take(place)) {
    outcomes.push([at, cloneable(reader.read(sourceOf(files[at]!)))]);
    queue.finish();
  }
  return outcomes;
}

function sourceOf(file: HelperFile): ZoneSource {
  return { ...file, origin: file.origin && DnsName.fromWire(file.origin) };
}

function cloneable(outcome: LoadOutcome): LoadOutcome {
  if (outcome.kind !== 'zone') return outcome;
  const { zone, included } = outcome;
  return { kind: 'image', image: zone.image, warnings: zone.warnings, included };
}
