/** Answers out of data that are over (RFC 8767), and refreshes that no client waits for. */
import { describe, expect, test } from 'vitest';
import type { Resolver, ResolverOptions } from '../../src/resolver/resolver.ts';
import { Rcode } from '../../src/wire/iana.ts';
import {
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  Internet,
  questionOf,
  reply,
  ROOT,
  ROOT_ZONE,
  type Responder,
  zone,
} from './fixture.ts';

const WWW = 'NOERROR: www.example.com. 300 A 192.0.2.80';
const STALE = 'NOERROR: www.example.com. 30 A 192.0.2.80';

/** The plain internet, whose last server can be changed while it runs. */
async function setUp(
  options: Partial<ResolverOptions>,
): Promise<{ internet: Internet; resolver: Resolver; serve: (responder: Responder) => void }> {
  const internet = new Internet();
  let current = zone('example.com.', EXAMPLE_ZONE);
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(EXAMPLE, (query, via) => current(query, via));
  const serve = (responder: Responder): void => {
    current = responder;
  };
  return { internet, resolver: internet.resolver(options), serve };
}

const silent: Responder = () => undefined;
const broken: Responder = (query) => reply(query, { rcode: Rcode.SERVFAIL });
const changed = zone('example.com.', EXAMPLE_ZONE.replace('192.0.2.80', '192.0.2.99'));

async function errorsOf(internet: Internet, resolver: Resolver, name: string): Promise<unknown> {
  const resolution = await internet.resolve(resolver, name);
  if (resolution.kind === 'failure') return resolution.text;
  return resolution.remarks.extendedErrors?.map(({ code }) => code);
}

describe('serve-stale', () => {
  test('is off by default: what is over is gone', async () => {
    const { internet, resolver, serve } = await setUp({});
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(301_000);
    serve(broken);
    expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/^failure/);
  });

  test('answers with 30 s and error 3 when the servers fail, and leaves them alone 30 s', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: {} });
    expect(await internet.ask(resolver, 'www.example.com.')).toBe(WWW);
    await internet.world.advance(301_000);
    serve(broken);
    expect(await internet.ask(resolver, 'www.example.com.')).toBe(STALE);
    internet.takeAsked();
    expect(await errorsOf(internet, resolver, 'www.example.com.')).toEqual([3]);
    await internet.world.advance(25_000);
    expect(await internet.ask(resolver, 'www.example.com.')).toBe(STALE);
    expect(internet.takeAsked()).toEqual([]);
    await internet.world.advance(6000);
    serve(changed);
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('300 A 192.0.2.99');
  });

  test('answers after 1.8 s of silence, while the resolution goes on', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: {} });
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(301_000);
    serve(silent);
    const beganMs = internet.resolverHost.runtime.clock.monotonic();
    expect(await internet.ask(resolver, 'www.example.com.')).toBe(STALE);
    expect(internet.resolverHost.runtime.clock.monotonic() - beganMs).toBeCloseTo(1800, 0);
    expect(resolver.pending).toBe(1);
    serve(changed);
    await internet.world.advance(3000);
    expect(resolver.pending).toBe(0);
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.99');
    expect(internet.leftOpen).toBe(0);
  });

  test('gives a fresh answer that comes in time', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: {} });
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(301_000);
    serve(changed);
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('300 A 192.0.2.99');
  });

  test('at once, with the refresh behind it, when no client is to wait', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: { clientTimeoutMs: 0 } });
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(301_000);
    serve(changed);
    expect(await internet.ask(resolver, 'www.example.com.')).toBe(STALE);
    await internet.world.advance(1000);
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.99');
    expect(internet.leftOpen).toBe(0);
  });

  test('of names that did not exist has error 19', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: {} });
    expect(await internet.ask(resolver, 'no.example.com.')).toMatch(/^NXDOMAIN/);
    await internet.world.advance(61_000);
    serve(broken);
    expect(await internet.ask(resolver, 'no.example.com.')).toMatch(/^NXDOMAIN .* 30 SOA/);
    expect(await errorsOf(internet, resolver, 'no.example.com.')).toEqual([19]);
  });

  test('shows no more than the TTL that it came with', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: { answerTtlSeconds: 1000 } });
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(301_000);
    serve(broken);
    expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 300 A ');
  });

  test('follows aliases, of which each part is live or stale', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: {} });
    await internet.ask(resolver, 'near.example.com.');
    await internet.world.advance(200_000);
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(101_000);
    serve(broken);
    expect(await internet.ask(resolver, 'near.example.com.')).toBe(
      'NOERROR: near.example.com. 30 CNAME www.example.com.; www.example.com. 30 A 192.0.2.80',
    );
  });

  test('ends: what is over for longer than a day is gone', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: { maxAgeSeconds: 3600 } });
    await internet.ask(resolver, 'www.example.com.');
    serve(broken);
    await internet.world.advance(3_899_000);
    expect(await internet.ask(resolver, 'www.example.com.')).toBe(STALE);
    await internet.world.advance(2000);
    expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/^failure/);
  });

  test('gives way to what is newer and cannot be kept', async () => {
    const { internet, resolver, serve } = await setUp({ serveStale: {} });
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(301_000);
    const zero = EXAMPLE_ZONE.replace('www    300  A     192.0.2.80', 'www 0 A 192.0.2.99');
    serve(zone('example.com.', zero));
    expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 0 A 192.0.2.99');
    serve(broken);
    expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/^failure/);
  });

  test('never extends a delegation: a withdrawn one is not asked, stale or not', async () => {
    const { internet, resolver } = await setUp({ serveStale: {} });
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(3_601_000);
    internet.takeAsked();
    await internet.ask(resolver, 'www.example.com.');
    expect(internet.takeAsked()[0]).toBe(`${COM} example.com. A`);
  });

  test('stays within the bound of the cache', async () => {
    const { internet, resolver } = await setUp({
      serveStale: {},
      cacheLimits: { recordOctets: 5000, negativeOctets: 5000, delegationOctets: 1e5 },
    });
    for (let i = 0; i < 40; i++) await internet.ask(resolver, `no${i}.example.com.`);
    await internet.world.advance(61_000);
    for (let i = 40; i < 80; i++) await internet.ask(resolver, `no${i}.example.com.`);
    expect(resolver.cacheStatistics.negatives.octets).toBeLessThanOrEqual(5000);
  });
});

describe('prefetch', () => {
  test('of a name that two clients found refreshes it in the last tenth of its TTL', async () => {
    const { internet, resolver, serve } = await setUp({ prefetch: true });
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(100_000);
    await internet.ask(resolver, 'www.example.com.');
    serve(changed);
    internet.takeAsked();
    await internet.world.advance(160_000);
    await internet.ask(resolver, 'www.example.com.');
    expect(internet.takeAsked()).toEqual([]);
    await internet.world.advance(15_000);
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.80');
    await internet.world.advance(1000);
    expect(internet.takeAsked()).toEqual([`${EXAMPLE} www.example.com. A`]);
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.99');
    expect(internet.leftOpen).toBe(0);
  });

  test('of a name that one client wants does not happen, nor without the option', async () => {
    for (const [prefetch, hits] of [
      [true, 1],
      [false, 5],
    ] as const) {
      const { internet, resolver } = await setUp({ prefetch });
      await internet.ask(resolver, 'www.example.com.');
      await internet.world.advance(280_000);
      internet.takeAsked();
      for (let i = 0; i < hits; i++) await internet.ask(resolver, 'www.example.com.');
      await internet.world.advance(1000);
      expect(internet.takeAsked()).toEqual([]);
    }
  });

  test('that fails is tried again after 30 s at the earliest', async () => {
    const { internet, resolver, serve } = await setUp({
      prefetch: true,
      limits: { popularHits: 1 },
    });
    await internet.ask(resolver, 'www.example.com.');
    serve(broken);
    await internet.world.advance(271_000);
    internet.takeAsked();
    for (let i = 0; i < 5; i++) {
      expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.80');
      await internet.world.advance(1000);
    }
    expect(internet.takeAsked()).toEqual([`${EXAMPLE} www.example.com. A`]);
    expect(resolver.counters.refreshes).toBe(1);
  });

  test('ends with the resolver', async () => {
    const { internet, resolver, serve } = await setUp({
      prefetch: true,
      limits: { popularHits: 1 },
    });
    await internet.ask(resolver, 'www.example.com.');
    serve(silent);
    await internet.world.advance(280_000);
    await internet.ask(resolver, 'www.example.com.');
    await internet.world.advance(100);
    resolver.close();
    await internet.world.advance(1);
    expect(internet.leftOpen).toBe(0);
  });
});

describe('TTLs', () => {
  test('are not below the least nor above the most that is configured', async () => {
    const cacheLimits = { ttlSeconds: 200, ttlSecondsMin: 100, negativeTtlSecondsMin: 90 };
    const { internet, resolver } = await setUp({ cacheLimits });
    expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 200 A ');
    expect(await internet.ask(resolver, 'zero.example.com.')).toContain(' 100 A ');
    expect(await internet.ask(resolver, 'no.example.com.')).toContain(' 90 SOA ');
  });

  test('of a set are the least of its records (RFC 2181 §5.2)', async () => {
    const { internet, resolver, serve } = await setUp({});
    const two = EXAMPLE_ZONE.replace('zero ', 'www 20 A 192.0.2.81\n zero ');
    serve(zone('example.com.', two));
    expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 20 A ');
  });
});

describe('NXDOMAIN for a name (RFC 8020)', () => {
  const below = 'a.b.no.example.com.';

  test('covers the names below by choice', async () => {
    const { internet, resolver } = await setUp({ nxdomainCut: true, qnameMinimisation: 'off' });
    await internet.ask(resolver, 'no.example.com.');
    internet.takeAsked();
    expect(await internet.ask(resolver, below)).toMatch(/^NXDOMAIN/);
    expect(internet.takeAsked()).toEqual([]);
  });

  test('covers its own name alone by default', async () => {
    const { internet, resolver } = await setUp({ qnameMinimisation: 'off' });
    await internet.ask(resolver, 'no.example.com.');
    internet.takeAsked();
    await internet.ask(resolver, below);
    expect(internet.takeAsked()).toHaveLength(1);
  });

  test('does not cover a stub zone below it', async () => {
    const stubs = [{ zone: questionOf('b.no.example.com.').name, addresses: ['192.0.2.77'] }];
    const { internet, resolver } = await setUp({ nxdomainCut: true, stubs });
    await internet.serve('192.0.2.77', zone('b.no.example.com.', 'a 60 A 10.0.0.1'));
    await internet.ask(resolver, 'no.example.com.');
    expect(await internet.ask(resolver, below)).toContain('10.0.0.1');
  });
});
