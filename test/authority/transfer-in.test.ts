/** Primaries that lie, stop in the middle or never stop: nothing of theirs is ever served. */
import { describe, expect, test } from 'vitest';

import { fetchZone, transferInLimits, type Wanted } from '../../src/authority/transfer-in.ts';
import type { Collected } from '../../src/authority/transfer-collector.ts';
import { CancellationSource } from '../../src/net/cancellation.ts';
import { FrameDecoder, frame } from '../../src/net/framing.ts';
import type { Clock, TcpConnection } from '../../src/net/ports.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import { printZone } from '../../src/zone/print.ts';
import { records as parse } from '../resolver/fixture.ts';
import { zoneOf } from '../zone/answer.ts';

const address = '192.0.2.53';
const origin = nameOf('example.');
const NS = 'example. 300 NS ns.example.';
const A = 'a.example. 300 A 192.0.2.1';
const have = zoneOf(`$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\na A 192.0.2.1\n`, 'example.');

const soa = (serial: number): string => `example. 300 SOA ns.example. h.example. ${serial} 2 3 4 5`;

/** What the primary sends to a query of the type, message by message; undefined closes. */
type Script = (type: number) => Iterable<readonly (string | ResourceRecord)[] | undefined>;

interface Run {
  readonly got: Collected;
  readonly types: readonly number[];
  readonly tookMs: number;
  readonly sentOctets: number;
}

async function run(script: Script, parts: Partial<Wanted> = {}): Promise<Run> {
  const world = new World({ seed: 1, link: { delayMs: 5 } });
  const server = world.host({ addresses: [address] });
  const client = world.host({ addresses: ['192.0.2.1'] });
  const types: number[] = [];
  const sent = { octets: 0 };
  await server.runtime.network.listenTcp({ address, port: 53 }, (connection) => {
    const frames = new FrameDecoder();
    connection.start({
      onData: (bytes) => {
        for (const octets of frames.decode(bytes)) {
          const query = decodeMessage(new Uint8Array(octets));
          if (!query.ok) throw new Error(query.error.reason);
          const { id, questions } = query.value;
          types.push(questions[0]!.type);
          const parcels = script(questions[0]!.type)[Symbol.iterator]();
          play(connection, parcels, { id, clock: server.runtime.clock, sent });
        }
      },
      onEnd: () => {},
      onDrain: () => {},
      onClose: () => {},
    });
  });
  const wanted: Wanted = {
    ...{ origin, primary: { server: { address, port: 53 } }, have: undefined },
    ...{ limits: transferInLimits, signal: new CancellationSource() },
    ...parts,
  };
  const startMs = world.nowMs;
  const got = await world.run(fetchZone(client.runtime, wanted));
  expect(client.pending.timers).toBe(0);
  return { got, types, tookMs: world.nowMs - startMs, sentOctets: sent.octets };
}

function play(
  connection: TcpConnection,
  parcels: Iterator<readonly (string | ResourceRecord)[] | undefined>,
  context: { readonly id: number; readonly clock: Clock; readonly sent: { octets: number } },
): void {
  const { value, done } = parcels.next();
  if (done === true) return;
  if (value === undefined) return connection.end();
  const answers = value.flatMap((one) => (typeof one === 'string' ? parse(one) : [one]));
  const message = frame(
    encodeMessage(createMessage({ id: context.id, qr: true, aa: true, answers })),
  );
  context.sent.octets += message.length;
  connection.write(message);
  context.clock.schedule(1, () => play(connection, parcels, context));
}

const whyOf = ({ got }: Run): string => (got.kind === 'failed' ? got.why : got.kind);

describe('a whole zone', () => {
  test('in several messages is taken', async () => {
    const { got } = await run(() => [[soa(1), NS], [A], [soa(1)]]);
    if (got.kind !== 'zone') throw new Error(got.kind);
    expect(printZone(got.zone, 'canonical')).toBe(printZone(have, 'canonical'));
  });

  const other = { ...parse(A)[0]!, class: DnsClass.CH };
  const meta = { ...parse(A)[0]!, type: RRType.ANY };
  test.each([
    [
      'a record outside the zone',
      [[soa(1), NS, 'bank.test. 300 A 203.0.113.1', soa(1)]],
      /outside/,
    ],
    ['a record of another class', [[soa(1), NS, other, soa(1)]], /is no data/],
    ['a record of a type that holds no data', [[soa(1), NS, meta, soa(1)]], /is no data/],
    ['a SOA below the apex', [[soa(1), NS, `a.${soa(1)}`, soa(1)]], /below the apex/],
    ['an alias beside data', [[soa(1), NS, A, 'a.example. 1 CNAME b.example.', soa(1)]], /stand/],
    ['no NS', [[soa(1), A, soa(1)]], /no NS/],
    ['another SOA at its end', [[soa(1), NS, soa(2)]], /another SOA/],
    ['no SOA at its beginning', [[NS, soa(1)]], /not begin with a SOA/],
    ['no end, and the connection is closed', [[soa(1), NS], undefined], /closed/],
    ['nothing in a message', [[soa(1), NS], []], /empty/],
  ] as const)('with %s is none', async (_what, parcels, why) => {
    expect(whyOf(await run(() => parcels))).toMatch(why);
  });
});

describe('a stream without an end', () => {
  function* endless(): Generator<readonly string[]> {
    yield [soa(1), NS];
    for (let i = 0; ; i++)
      yield Array.from({ length: 50 }, (_, j) => `h${i}-${j}.example. 1 A 1.1.1.1`);
  }

  test('ends at the size that one transfer may have', async () => {
    const limits = { ...transferInLimits, octets: 100_000 };
    const seen = await run(endless, { limits });
    expect(whyOf(seen)).toBe('it is larger than 100000 octets');
    expect(seen.sentOctets).toBeLessThan(120_000);
  });

  test('that says the same again and again ends at the time that it may take', async () => {
    function* same(): Generator<readonly string[]> {
      yield [soa(1), NS];
      for (;;) yield [A];
    }
    const limits = { ...transferInLimits, timeMs: 2000 };
    const seen = await run(same, { limits });
    expect(whyOf(seen)).toBe('cancelled');
    expect(seen.tookMs).toBeLessThan(2100);
  });

  test('that falls silent ends after the time between messages', async () => {
    const seen = await run(() => [[soa(1), NS]]);
    expect(whyOf(seen)).toBe('timeout');
    expect(seen.tookMs).toBeLessThan(transferInLimits.messageMs + 1000);
  });
});

describe('differences (RFC 1995 §4)', () => {
  const B = 'b.example. 300 A 192.0.2.2';
  const whole: Script = (type) => (type === RRType.AXFR ? [[soa(3), NS, B, soa(3)]] : []);

  test('that follow each other are taken', async () => {
    const steps = [soa(3), soa(1), soa(2), B, soa(2), A, soa(3), soa(3)];
    const { got, types } = await run(() => [steps], { have });
    if (got.kind !== 'differences') throw new Error(whyOf({ got } as Run));
    expect(types).toEqual([RRType.IXFR]);
    expect(got.differences).toHaveLength(2);
    expect(got.zone.serial).toBe(3);
    expect(got.zone.find(nameOf('b.example.'), RRType.A).kind).toBe('answer');
    expect(got.zone.find(nameOf('a.example.'), RRType.A).kind).toBe('nxdomain');
  });

  test('where there are none, the SOA alone, which is no failure', async () => {
    expect((await run(() => [[soa(1)]], { have })).got.kind).toBe('current');
  });

  test.each([
    ['delete what is not there', [soa(3), soa(1), B, soa(3), soa(3)]],
    ['add what is there', [soa(3), soa(1), soa(3), A, soa(3)]],
    ['begin with another version', [soa(3), soa(2), soa(3), B, soa(3)]],
    ['miss one in the middle', [soa(3), soa(1), soa(2), B, soa(4), soa(3), soa(3)]],
    ['take the last NS', [soa(3), soa(1), NS, soa(3), soa(3)]],
    ['add outside the zone', [soa(3), soa(1), soa(3), 'bank.test. 1 A 203.0.113.1', soa(3)]],
  ])('that %s are not: the whole zone is', async (_what, steps) => {
    const seen = await run((type) => (type === RRType.IXFR ? [steps] : whole(type)), { have });
    expect(seen.types).toEqual([RRType.IXFR, RRType.AXFR]);
    if (seen.got.kind !== 'zone') throw new Error(whyOf(seen));
    expect(seen.got.zone.serial).toBe(3);
  });

  test('that never end are given up for the whole zone', async () => {
    function* endless(): Generator<readonly string[]> {
      yield [soa(3), soa(1), soa(3)];
      for (let i = 0; ; i++) yield [`h${i}.example. 1 TXT ${'x'.repeat(200)}`];
    }
    const limits = { ...transferInLimits, differenceOctets: 20_000 };
    const seen = await run((type) => (type === RRType.IXFR ? endless() : whole(type)), {
      have,
      limits,
    });
    expect(seen.got.kind).toBe('zone');
    expect(seen.types).toEqual([RRType.IXFR, RRType.AXFR]);
  });
});

test('cut at any message, a transfer is none', async () => {
  const parcels = [[soa(1)], [NS], [A], ['b.example. 300 A 192.0.2.2'], [soa(1)]];
  for (let length = 0; length < parcels.length; length++) {
    const { got } = await run(() => [...parcels.slice(0, length), undefined]);
    expect(got.kind, `${length} messages`).toBe('failed');
  }
});
