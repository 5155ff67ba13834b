import { expect, test } from 'vitest';
import { controlHandler } from '../../../src/app/control/commands.ts';
import {
  plainInternet,
  Internet,
  questionOf,
  ROOT,
  type Responder,
} from '../../resolver/fixture.ts';
import { desk } from './desk.ts';

test('status tells version, uptime, counters and cache', async () => {
  const { internet, resolver, send } = await desk();
  await internet.ask(resolver, 'www.example.com.');
  await internet.world.advance(90_000);
  expect(await send({ command: 'status' })).toMatchObject({
    ok: true,
    result: {
      version: '1.2.3',
      uptimeSeconds: 90,
      listening: ['192.0.2.53:53'],
      logLevel: 'info',
      memory: { rss: 5 },
      finishedAnswers: { hits: 3, misses: 4 },
      zones: [],
      pending: 0,
      counters: { queries: 1, sends: 3 },
      cache: { records: { entries: 1 }, delegations: { entries: 2 } },
    },
  });
});

test('lookup shows what is over and kept to be served stale, with its age', async () => {
  const internet = await plainInternet();
  const { resolver, send } = await desk(internet, { serveStale: {} });
  await internet.ask(resolver, 'www.example.com.');
  await internet.world.advance(310_500);
  expect(await send({ command: 'lookup', name: 'www.example.com' })).toMatchObject({
    result: { entries: [{ kind: 'records', type: 'A', ttl: 0, staleForSeconds: 10 }] },
  });
});

test('lookup tells everything at a name: data, what is not there, failures, the cut above', async () => {
  const { internet, resolver, send } = await desk();
  await internet.ask(resolver, 'www.example.com.');
  await internet.ask(resolver, 'www.example.com.', 'MX');
  await internet.world.advance(10_500);
  const delegation = {
    zone: 'example.com.',
    ttl: 3589,
    servers: [{ name: 'ns.example.com.', addresses: ['192.0.2.1'] }],
  };
  expect(await send({ command: 'lookup', name: 'WWW.example.com' })).toEqual({
    ok: true,
    result: {
      name: 'WWW.example.com.',
      entries: [
        {
          kind: 'records',
          type: 'A',
          ttl: 289,
          credibility: 'authoritative answer',
          data: ['192.0.2.80'],
        },
        { kind: 'negative', type: 'MX', ttl: 49, found: 'NODATA', zone: 'example.com.' },
      ],
      delegation,
    },
  });
  await internet.ask(resolver, 'none.example.com.');
  await internet.ask(resolver, 'loop.example.com.');
  expect(await send({ command: 'lookup', name: 'none.example.com' })).toMatchObject({
    result: { entries: [{ kind: 'negative', found: 'NXDOMAIN' }], delegation: {} },
  });
  expect(await send({ command: 'lookup', name: 'loop.example.com' })).toMatchObject({
    result: {
      entries: [
        { kind: 'records', type: 'CNAME' },
        { kind: 'failure', type: 'A' },
      ],
    },
  });
  expect(await send({ command: 'lookup', name: 'elsewhere.' })).toEqual({
    ok: true,
    result: { name: 'elsewhere.', entries: [] },
  });
});

test('pending tells what each query waits for, and a start that nothing sets anew', async () => {
  const silent: Responder = () => undefined;
  const internet = new Internet();
  await internet.serve(ROOT, silent);
  const { resolver, send } = await desk(internet);
  const asked = resolver.resolve(questionOf('www.example.com.'));
  await internet.world.advance(1000);
  expect(await send({ command: 'pending' })).toEqual({
    ok: true,
    result: {
      queries: [
        {
          question: 'www.example.com. A',
          ageMs: 1000,
          sends: 3,
          lookup: 'www.example.com. A',
          server: ROOT,
        },
      ],
    },
  });
  await internet.world.run(asked);
  expect(await send({ command: 'pending' })).toEqual({ ok: true, result: { queries: [] } });
  expect(await send({ command: 'servers' })).toMatchObject({
    result: { servers: [{ address: ROOT, silences: expect.any(Number) as number }] },
  });
});

test('a dump goes to a file or comes as lines, and is loaded by another server', async () => {
  const one = await desk();
  await one.internet.ask(one.resolver, 'www.example.com.');
  expect(await one.send({ command: 'dump', file: '/f' })).toEqual({
    ok: true,
    result: { file: '/f' },
  });
  const reply = (await one.send({ command: 'dump' })) as { lines: Iterable<string> };
  expect([...reply.lines].join('\n')).toBe(one.files.get('/f'));
  const other = await desk();
  other.files.set('/f', one.files.get('/f')!);
  expect(await other.send({ command: 'load', file: '/f' })).toEqual({
    ok: true,
    result: { entries: 3, expired: 0 },
  });
  expect(await other.internet.ask(other.resolver, 'www.example.com.')).toMatch(/192\.0\.2\.80$/);
  expect(other.internet.asked).toEqual([]);
  other.files.set('/f', 'rubbish');
  expect(await other.send({ command: 'load', file: '/f' })).toMatchObject({
    ok: false,
    error: expect.stringContaining('/f: line 1: ') as string,
  });
});

test('a dump cannot make the resolver ask where it may not', async () => {
  const { internet, resolver, files, send } = await desk();
  const servers = 'delegation 99999999999999 com. ns.evil. 127.0.0.1 0.0.0.0 224.0.0.1 x 192.0.2.9';
  files.set('/f', `ts-dns-cache 1 1\n${servers}\nend 1\n`);
  await send({ command: 'load', file: '/f' });
  expect([...resolver.cache.delegations.entries()]).toMatchObject([
    { nameServers: [{ addresses: ['192.0.2.9'] }] },
  ]);
  expect(internet.asked).toEqual([]);
});

test('what is remembered of servers can be flushed, of one or of all', async () => {
  const { internet, resolver, send } = await desk();
  await internet.ask(resolver, 'www.example.com.');
  const flush = { command: 'flush', scope: 'servers' };
  expect(await send({ ...flush, address: '192.0.2.1' })).toEqual({
    ok: true,
    result: { flushed: 1 },
  });
  expect(await send(flush)).toEqual({ ok: true, result: { flushed: 2 } });
  expect(await send({ command: 'servers' })).toEqual({ ok: true, result: { servers: [] } });
  const wrong = { ok: false, error: "'address' is no IP address" };
  expect(await send({ ...flush, address: 'x' })).toEqual(wrong);
  expect(await send({ ...flush, address: 7 })).toEqual(wrong);
});

test('a flushed name is asked for anew', async () => {
  const { internet, resolver, done, send } = await desk();
  await internet.ask(resolver, 'www.example.com.');
  internet.takeAsked();
  const flushed = await send({
    command: 'flush',
    name: 'www.example.com',
    scope: 'type',
    type: 'a',
  });
  expect(flushed).toEqual({ ok: true, result: { flushed: 1 } });
  expect(done).toEqual(['forget']);
  await internet.ask(resolver, 'www.example.com.');
  expect(internet.takeAsked()).toEqual(['192.0.2.1 www.example.com. A']);
  expect(await send({ command: 'flush', name: '.', scope: 'subtree' })).toEqual({
    ok: true,
    result: { flushed: 3 },
  });
  await internet.ask(resolver, 'www.example.com.');
  expect(internet.takeAsked()).toHaveLength(3);
});

test('the log level is shown and changed, reload and stop are passed on', async () => {
  const { done, target, send } = await desk();
  expect(await send({ command: 'log-level' })).toMatchObject({ result: { level: 'info' } });
  expect(await send({ command: 'log-level', level: 'debug' })).toMatchObject({
    result: { level: 'debug', before: 'info' },
  });
  expect(target.logLevel).toBe('debug');
  expect(await send({ command: 'reload' })).toEqual({
    ok: true,
    result: { changed: ['access.drop'], afterRestart: [] },
  });
  await send({ command: 'stop' });
  expect(done).toEqual(['reload', 'stop']);
});

test.each([
  [{}, 'unknown command'],
  [{ command: 'toString' }, 'unknown command'],
  [{ command: ['status'] }, 'unknown command'],
  [{ command: 'lookup' }, "'name' is missing"],
  [{ command: 'lookup', name: 'a..b' }, "'name' is no name: the name has an empty label"],
  [{ command: 'flush', name: 'a', scope: 'all' }, "'scope' is one of name, subtree, type"],
  [{ command: 'flush', name: 'a', scope: 'type', type: 'X' }, "'type' is no type of record"],
  [{ command: 'dump', file: 7 }, "'file' is to be text"],
  [{ command: 'dump', file: 'f' }, "'file' is to be an absolute path"],
  [{ command: 'load', file: 'f' }, "'file' is to be an absolute path"],
  [{ command: 'load' }, "'file' is missing"],
  [{ command: 'log-level', level: 'loud' }, "'level' is one of debug, info"],
])('%j is refused', async (request, error) => {
  const { send } = await desk();
  expect(await send(request)).toMatchObject({
    ok: false,
    error: expect.stringContaining(error) as string,
  });
});

test('a server that does not resolve says so', async () => {
  const { target } = await desk();
  const system = { ...target.system, resolver: undefined };
  const handle = controlHandler({ ...target, system });
  for (const command of ['lookup', 'dump', 'load', 'flush', 'servers', 'pending']) {
    const error = 'this server does not resolve';
    expect(await handle({ command, name: 'a', file: '/f' })).toEqual({ ok: false, error });
  }
});
