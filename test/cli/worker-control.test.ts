/** The control socket's way to a worker and back: two ends joined by messages. */
import { expect, test } from 'vitest';
import type { ControlHandler, ControlReply } from '../../src/app/control/session.ts';
import { ThreadRequests } from '../../src/cli/thread-requests.ts';
import { WorkerControl, type ControlOrder } from '../../src/cli/worker-control.ts';

interface Line {
  readonly requests: ThreadRequests;
  /** What went to the worker. */
  readonly orders: ControlOrder[];
}

function join(handle: ControlHandler): Line {
  const orders: ControlOrder[] = [];
  const requests: ThreadRequests = new ThreadRequests((order) => {
    orders.push(order as ControlOrder);
    void control.obey(structuredClone(order) as ControlOrder);
  });
  const control = new WorkerControl(handle, (news) => requests.take(structuredClone(news)));
  return { requests, orders };
}

function* countTo(last: number): Generator<string, void, undefined> {
  for (let i = 1; i <= last; i++) yield `line ${i}`;
}

const long: ControlHandler = () => ({ ok: true, result: { a: 1 }, lines: countTo(1200) });

async function linesOf(reply: ControlReply | undefined, atMost = Infinity): Promise<string[]> {
  if (reply?.ok !== true) throw new Error('refused');
  const taken: string[] = [];
  for await (const line of reply.lines ?? []) {
    taken.push(line);
    if (taken.length === atMost) break;
  }
  return taken;
}

test('requests may cross, and each gets its own reply', async () => {
  const { requests } = join(async ({ command }) => {
    if (command === 'slow') await Promise.resolve();
    return { ok: true, result: { command } };
  });
  const replies = await Promise.all([
    requests.ask({ command: 'slow' }),
    requests.ask({ command: 'b' }),
  ]);
  expect(replies).toEqual([
    { ok: true, result: { command: 'slow' } },
    { ok: true, result: { command: 'b' } },
  ]);
});

test('what goes wrong in a worker is a refusal with its reason', async () => {
  const { requests } = join(() => {
    throw new Error('no such file');
  });
  expect(await requests.ask({})).toEqual({ ok: false, error: 'no such file' });
});

test('lines come some at a time, as they are wanted', async () => {
  const { requests, orders } = join(long);
  expect(await linesOf(await requests.ask({}))).toEqual([...countTo(1200)]);
  expect(orders.map(({ kind }) => kind)).toEqual(['control', 'more', 'more', 'more']);
});

test('who wants no more says so', async () => {
  const { requests, orders } = join(long);
  expect(await linesOf(await requests.ask({}), 3)).toHaveLength(3);
  expect(orders.map(({ kind }) => kind)).toEqual(['control', 'more', 'enough']);
});

test('a worker that ends replies nothing, and no long reply is taken for whole', async () => {
  const { requests } = join(() => new Promise(() => {}));
  const waiting = requests.ask({});
  requests.end();
  expect(await waiting).toBeUndefined();
  expect(await requests.ask({})).toBeUndefined();
  const other = join(long).requests;
  const reply = await other.ask({});
  other.end();
  await expect(linesOf(reply)).rejects.toThrow('a worker ended before all was said');
});
