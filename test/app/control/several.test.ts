/** One control socket for several workers: here each is a resolver in a simulated internet. */
import { expect, test } from 'vitest';
import type { ControlReply } from '../../../src/app/control/session.ts';
import { severalHandler, type ControlledWorkers } from '../../../src/app/control/several.ts';
import { tallyOf } from '../../../src/app/control/tally.ts';
import { desk, textOf, type Desk } from './desk.ts';

interface Office {
  readonly own: Desk;
  readonly workers: readonly Desk[];
  /** Numbers of those that have ended. */
  readonly gone: Set<number>;
  send(request: object): Promise<ControlReply>;
}

async function office(count = 2, past: ControlledWorkers['past'] = {}): Promise<Office> {
  const own = await desk();
  const workers: Desk[] = [];
  for (let i = 0; i < count; i++) workers.push(await desk());
  const gone = new Set<number>();
  const crew: ControlledWorkers = {
    past,
    running: () => [...workers.keys()].filter((worker) => !gone.has(worker)),
    ask: async (worker, request) =>
      gone.has(worker) ? undefined : ((await workers[worker]!.send(request)) as ControlReply),
  };
  const target = { ...own.target, system: { ...own.target.system, resolver: undefined } };
  const handle = severalHandler(target, crew);
  const send: Office['send'] = async (request) => handle({ ...request });
  return { own: { ...own, target }, workers, gone, send };
}

const ask = ({ internet, resolver }: Desk, name: string): Promise<string> =>
  internet.ask(resolver, name);

test('status has the sums of all, and what belongs to the whole process once', async () => {
  const { workers, send } = await office();
  await ask(workers[0]!, 'www.example.com.');
  await ask(workers[1]!, 'www.example.com.');
  await ask(workers[1]!, 'none.example.com.');
  expect(await send({ command: 'status' })).toMatchObject({
    ok: true,
    result: {
      version: '1.2.3',
      workers: 2,
      listening: ['192.0.2.53:53'],
      memory: { rss: 5 },
      finishedAnswers: { hits: 6, misses: 8 },
      pending: 0,
      counters: { queries: 3, sends: 7 },
      cache: { records: { entries: 2 }, negatives: { entries: 1 } },
    },
  });
});

test('what workers had counted that have ended is not lost, and what they held is gone', async () => {
  const ended = {
    pending: 3,
    counters: { queries: 10, sends: 20 },
    cache: { records: { entries: 30, octets: 9000, hits: 40, misses: 0, evictions: 1 } },
    finishedAnswers: { entries: 5, octets: 600, hits: 50, misses: 60, evictions: 0 },
    queryLog: { lines: 110, lost: 3 },
  };
  const { workers, gone, send } = await office(2, tallyOf(ended));
  await ask(workers[1]!, 'www.example.com.');
  gone.add(0);
  const status = await send({ command: 'status' });
  expect(status).toMatchObject({
    result: {
      workers: 1,
      pending: 0,
      counters: { queries: 11 },
      cache: { records: { entries: 1, hits: 40, evictions: 1 } },
      finishedAnswers: { hits: 53, misses: 64 },
      queryLog: { lines: 110, lost: 3 },
    },
  });
});

test('rows say whose they are', async () => {
  const { workers, send } = await office();
  await ask(workers[1]!, 'www.example.com.');
  expect(await send({ command: 'lookup', name: 'www.example.com' })).toMatchObject({
    result: {
      name: 'www.example.com.',
      entries: [{ worker: 1, kind: 'records', data: ['192.0.2.80'] }],
      delegation: { zone: 'example.com.' },
    },
  });
  const servers = await send({ command: 'servers' });
  if (!servers.ok) throw new Error(servers.error);
  const rows = (servers.result as { servers: { worker: number }[] }).servers;
  expect(new Set(rows.map(({ worker }) => worker))).toEqual(new Set([1]));
  expect(await send({ command: 'pending' })).toEqual({ ok: true, result: { queries: [] } });
});

test('a flush reaches all and counts what all have forgotten', async () => {
  const { workers, send } = await office();
  for (const worker of workers) await ask(worker, 'www.example.com.');
  const flushed = await send({ command: 'flush', name: 'www.example.com' });
  expect(flushed).toEqual({ ok: true, result: { flushed: 2 } });
  const servers = await send({ command: 'flush', scope: 'servers' });
  expect(servers).toEqual({ ok: true, result: { flushed: 6 } });
});

test('a dump has what any of them has, once, and each of them loads all of it', async () => {
  const { own, workers, send } = await office();
  await ask(workers[0]!, 'www.example.com.');
  await ask(workers[1]!, 'www.example.com.');
  await ask(workers[1]!, 'none.example.com.');
  expect(await send({ command: 'dump', file: '/f' })).toEqual({ ok: true, result: { file: '/f' } });
  const text = own.files.get('/f')!;
  expect(text.split('\n').map((line) => line.replaceAll(/ \d{5,}/g, ''))).toEqual([
    'ts-dns-cache 1',
    expect.stringMatching(/^delegation example\.com\. /),
    expect.stringMatching(/^delegation com\. /),
    'records 3 1/1 www.example.com. A 192.0.2.80',
    expect.stringMatching(/^negative 3 none\.example\.com\. /),
    'end 4',
  ]);
  const later = await office();
  for (const { files } of later.workers) files.set('/f', text);
  const loaded = { ok: true, result: { entries: 4, expired: 0 } };
  expect(await later.send({ command: 'load', file: '/f' })).toEqual(loaded);
  for (const worker of later.workers) {
    expect(await ask(worker, 'www.example.com.')).toContain('192.0.2.80');
    expect(worker.internet.asked).toEqual([]);
  }
});

test('lines of a dump are made as they are taken', async () => {
  const { workers, send } = await office();
  for (const worker of workers) await ask(worker, 'www.example.com.');
  const dumped = await send({ command: 'dump' });
  if (!dumped.ok) throw new Error(dumped.error);
  expect(await textOf(dumped.lines!)).toMatch(/^ts-dns-cache 1 [^]*\nend 3$/);
});

test('the log level is that of all threads', async () => {
  const { own, workers, send } = await office();
  const changed = { ok: true, result: { level: 'debug', before: 'info' } };
  expect(await send({ command: 'log-level', level: 'debug' })).toEqual(changed);
  expect([own, ...workers].map(({ target }) => target.logLevel)).toEqual([
    'debug',
    'debug',
    'debug',
  ]);
  expect(await send({ command: 'log-level', level: 'loud' })).toMatchObject({ ok: false });
});

test('reload and stop are for the whole server, not for each worker', async () => {
  const { own, workers, send } = await office();
  await send({ command: 'reload' });
  await send({ command: 'stop' });
  expect(own.done).toEqual(['reload', 'stop']);
  expect(workers.flatMap(({ done }) => done)).toEqual([]);
});

test('a worker that has ended is left out; without any the command is refused', async () => {
  const { workers, gone, send } = await office();
  await ask(workers[1]!, 'www.example.com.');
  gone.add(0);
  expect(await send({ command: 'status' })).toMatchObject({
    result: { workers: 1, counters: { queries: 1 } },
  });
  gone.add(1);
  const none = { ok: false, error: 'no worker is running just now: ask again' };
  for (const command of ['status', 'lookup', 'dump', 'load', 'flush', 'servers', 'pending']) {
    expect(await send({ command, name: 'a.', ...(command === 'load' && { file: '/f' }) })).toEqual(
      none,
    );
  }
});

test('a worker that does not reply is left out after a while', async () => {
  const { own } = await office();
  const { clock } = own.target;
  const handle = severalHandler(own.target, {
    past: {},
    running: () => [0],
    ask: () => new Promise(() => {}),
  });
  const reply = Promise.resolve(handle({ command: 'status' }));
  const before = clock.monotonic();
  expect(await own.internet.world.run(reply)).toMatchObject({ ok: false });
  expect(clock.monotonic() - before).toBe(5000);
});

test.each([
  [{ command: 'lookup' }, "'name' is missing"],
  [{ command: 'dump', file: 'x' }, "'file' is to be an absolute path"],
  [{ command: 'flush', name: 'a.', scope: 'all' }, "'scope' is one of"],
  [{ command: 'frobnicate' }, 'unknown command'],
])('%o is refused as a single server does', async (request, error) => {
  const { send } = await office();
  expect(await send(request)).toMatchObject({
    ok: false,
    error: expect.stringContaining(error) as string,
  });
});
