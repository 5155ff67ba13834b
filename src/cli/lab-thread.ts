/** A thread of the laboratory (`lab-farm.ts`): plays what it is told, and answers in that order. */

import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { CommandError } from './failure.ts';
import type { FarmAnswer } from './lab-farm.ts';
import { performTask, type LabTask } from './lab/lab-task.ts';
import { UsageError } from './lab/usage-error.ts';

const port = parentPort;
assert(port, 'this program is a thread of another');
let last: Promise<void> = Promise.resolve();
port.on('message', (task: LabTask) => {
  last = last.then(async () => port.postMessage(await answerTo(task), []));
});

async function answerTo(task: LabTask): Promise<FarmAnswer> {
  try {
    return { result: await performTask(task) };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    const fault = error instanceof UsageError ? 'usage' : 'bug';
    return { failure, fault: error instanceof CommandError ? 'command' : fault };
  }
}
