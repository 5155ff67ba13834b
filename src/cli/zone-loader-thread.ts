/** The other thread of `ZoneLoader`: answers each file with what became of it. */

import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { cloneable, sourceOf, type CarriedSource } from './zone-carriage.ts';
import { readOutcome } from './zone-files.ts';

const port = parentPort;
assert(port, 'this program is a thread of another');
port.on('message', (file: CarriedSource) => {
  void readOutcome(sourceOf(file)).then((outcome) => port.postMessage(cloneable(outcome), []));
});
