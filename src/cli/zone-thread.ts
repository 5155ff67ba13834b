/** A thread of `loadZones`: loads files while there are some, and posts what became of them. */

import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { FileQueue } from './file-queue.ts';
import { cloneable, sourceOf } from './zone-carriage.ts';
import { OutcomeReader, type LoadOutcome } from './zone-files.ts';
import type { HelperReport, HelperTask } from './zone-threads.ts';

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
