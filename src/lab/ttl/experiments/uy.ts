/** E9: a top-level domain gives its name servers a day instead of five minutes (RFC 9199 §3.5). */

import { exp, log } from '../../../sim/math.ts';
import { SeededRandom } from '../../../sim/random.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { DnsClass, RRType } from '../../../wire/iana.ts';
import { nameOf } from '../../../wire/name-text.ts';
import type { Measurement, Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { Histogram } from '../../meters/histogram.ts';
import { poisson } from '../arrivals.ts';
import { expectedMisses } from '../formulas.ts';
import { DNS_PORT, LabInternet } from '../internet.ts';
import { combinedHash } from '../merge.ts';
import { SampleMean } from '../regenerative.ts';
import { StubClients } from '../stub-clients.ts';
import { rootTextAbove, LAB_ROOT_ADDRESS, zoneOfText } from '../zone-text.ts';

const RFC_9199 = 'RFC 9199 §3.5';
const UY_ADDRESS = '192.0.2.53';
/** Each vantage point asked for two hours, every ten minutes. */
const WINDOW_MS = 7_200_000;
const ASKS_PER_SECOND = 1 / 600;
const FIRST_WALK_MS = 10_000;

/** Quartiles of a distribution that is normal in the logarithm. */
interface Spread {
  readonly medianMs: number;
  readonly upperQuartileMs: number;
}

interface VantagePoint {
  /** Round trips. */
  readonly resolverMs: number;
  readonly authorityMs: number;
  /** Questions of everybody at its resolver, a second. */
  readonly rate: number;
}

/** As published, before and after. */
const PUBLISHED = { 300: { p50: 28.7, p75: 183 }, 86_400: { p50: 8, p75: 21 } } as const;
const TTLS = [300, 86_400] as const;

export const uyExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E9',
  title: 'The change of .uy',
  quote: 'High TTL: fast',
  question: 'The TTL of .uy went from five minutes to a day. What did its users notice?',
  explanation:
    'In 2019 the operators of .uy raised the TTL of its NS set from 300 s to 86,400 s. From some ' +
    '15,000 vantage points the median answer took 8 ms instead of 28.7 ms, the 75th percentile ' +
    '21 ms instead of 183 ms. Nothing is known here of those networks: the distance to resolvers ' +
    'is drawn so that answers out of the cache have the quartiles of the second figure, the ' +
    'distance to .uy is that of another continent, and how many others share a resolver spreads ' +
    'over three orders of magnitude. What follows from the TTL is the share of misses, and with ' +
    'it the tail.',
  lookFor: [
    'The 75th percentile falls far more than the median: a TTL buys the tail.',
    'Half of the vantage points had hits with 300 s as well: others ask at the same resolver.',
  ],
  parameters: {
    vantage: { kind: 'count', default: 150, min: 10, max: 5000, help: 'vantage points' },
    'authority-median': {
      kind: 'duration',
      default: '190ms',
      min: '1ms',
      max: '2s',
      help: 'median round trip from resolvers to .uy',
    },
  },
  mutants: {},
  async play(values, { seed }) {
    const points = drawPoints(values.vantage, values['authority-median'] / NS_PER_MS, seed);
    const measurements: Record<string, Measurement> = {};
    const predictions: Prediction[] = [];
    const hashes: string[] = [];
    for (const ttl of TTLS) {
      const { latency, misses, traceHash } = await playTtl(points, ttl, seed);
      hashes.push(traceHash);
      const { p50, p75 } = PUBLISHED[ttl];
      for (const [name, share, published] of [
        ['p50', 0.5, p50],
        ['p75', 0.75, p75],
      ] as const) {
        const metric = `lat.${name} with ${ttl} s`;
        measurements[metric] = { value: latency.quantile(share), unit: 'ns' };
        const formula = 'published, on other networks';
        const value = published * NS_PER_MS;
        predictions.push({ metric, kind: 'published', value, formula, cite: RFC_9199 });
      }
      const metric = `misses with ${ttl} s`;
      measurements[metric] = misses;
      predictions.push(
        ttl * 1000 < WINDOW_MS
          ? {
              metric,
              kind: 'statistical',
              value: meanMisses(points, ttl),
              formula: 'Σ_k P(the k-th miss is within two hours)',
            }
          : { metric, kind: 'at most', value: 1, formula: 'one, which outlives the two hours' },
      );
    }
    return { measurements, predictions, traceHash: combinedHash(hashes) };
  },
});

function drawPoints(count: number, authorityMedianMs: number, seed: string): VantagePoint[] {
  const random = new SeededRandom(seed, 'lab uy');
  const toResolver = { medianMs: PUBLISHED[86_400].p50, upperQuartileMs: PUBLISHED[86_400].p75 };
  const toAuthority = { medianMs: authorityMedianMs, upperQuartileMs: 1.5 * authorityMedianMs };
  return Array.from({ length: count }, () => {
    // From one question in three hours to ten a minute, each order of magnitude as likely.
    const others = 0.0001 * exp((random.below(RANGE) / RANGE) * log(1000));
    return {
      resolverMs: drawLogNormal(toResolver, random),
      authorityMs: drawLogNormal(toAuthority, random),
      rate: others + ASKS_PER_SECOND,
    };
  });
}

const RANGE = 2 ** 32;
/** The 75 % point of the normal distribution. */
const QUARTILE = 0.674_49;

function drawLogNormal({ medianMs, upperQuartileMs }: Spread, random: SeededRandom): number {
  // Twelve uniform draws are as good as normal here, and the same to the bit everywhere.
  let normal = -6;
  for (let draw = 0; draw < 12; draw += 1) normal += random.below(RANGE) / RANGE;
  const spread = log(upperQuartileMs / medianMs) / QUARTILE;
  const ms = medianMs * exp(spread * normal);
  // Nobody is nearer than half a millisecond, or waits for as long as a retransmission.
  return Math.min(Math.max(ms, 0.5), 370);
}

function meanMisses(points: readonly VantagePoint[], ttl: number): number {
  const each = points.map(({ rate, authorityMs }) =>
    expectedMisses({ rate, ttl, fetching: authorityMs / 1000 }, WINDOW_MS / 1000),
  );
  return each.reduce((sum, one) => sum + one, 0) / points.length;
}

interface Played {
  readonly latency: Histogram;
  /** A resolver, in the two hours. */
  readonly misses: Measurement;
  readonly traceHash: string;
}

async function playTtl(
  points: readonly VantagePoint[],
  ttl: number,
  seed: string,
): Promise<Played> {
  const internet = await openInternet(points, ttl, seed);
  const { world } = internet;
  const latency = new Histogram();
  const misses = points.map(() => 0);
  const byAddress = new Map(points.map((_, index) => [addressOf(index), index]));
  for (const [index, point] of points.entries()) {
    await openVantage(internet, { index, point, seed, latency });
  }
  await world.advance(FIRST_WALK_MS);
  world.onPacket(({ toHost, from, kind }) => {
    const index = byAddress.get(from.address);
    if (toHost === 'uy' && kind === 'datagram' && index !== undefined) misses[index]! += 1;
  });
  await world.advance(WINDOW_MS);
  await internet.close();
  // Resolvers differ, so what varies by chance is each one's distance from its own expectation.
  const noise = new SampleMean();
  for (const [index, { rate, authorityMs }] of points.entries()) {
    const model = { rate, ttl, fetching: authorityMs / 1000 };
    noise.add(misses[index]! - expectedMisses(model, WINDOW_MS / 1000));
  }
  const value = misses.reduce((sum, one) => sum + one, 0) / points.length;
  const { standardError = Infinity } = noise.measurement('count');
  return {
    latency,
    misses: { value, unit: 'count', standardError },
    traceHash: world.traceHash,
  };
}

function addressOf(index: number): string {
  return `203.0.${113 + (index >>> 8)}.${index & 255}`;
}

async function openInternet(
  points: readonly VantagePoint[],
  ttl: number,
  seed: string,
): Promise<LabInternet> {
  const uy = nameOf('uy.');
  const zone = zoneOfText(
    `$ORIGIN uy.\n@ 86400 SOA ns hostmaster 1 1800 900 604800 900\n@ ${ttl} NS ns\n` +
      `ns 172800 A ${UY_ADDRESS}\n`,
  );
  const internet = await LabInternet.open({
    seed,
    authorities: [
      {
        name: 'root',
        address: LAB_ROOT_ADDRESS,
        zones: [zoneOfText(rootTextAbove(uy, UY_ADDRESS))],
      },
      { name: 'uy', address: UY_ADDRESS, zones: [zone] },
    ],
    resolvers: points.map((_, index) => {
      return {
        ...{ name: `resolver ${index}`, address: addressOf(index), isSmall: true },
        recursion: { priming: false },
      };
    }),
    link: { delayMs: 10 },
  });
  for (const [index, { authorityMs }] of points.entries()) {
    internet.world.linkBoth(`resolver ${index}`, 'uy', { delayMs: authorityMs / 2 });
  }
  return internet;
}

interface Vantage {
  readonly index: number;
  readonly point: VantagePoint;
  readonly seed: string;
  readonly latency: Histogram;
}

/** One machine whose questions are measured, and everybody else at the same resolver. */
async function openVantage(
  internet: LabInternet,
  { index, point, seed, latency }: Vantage,
): Promise<void> {
  const { world } = internet;
  const resolver = internet.host(`resolver ${index}`);
  const addresses = [`10.1.${index >>> 8}.${index & 255}`, `10.2.${index >>> 8}.${index & 255}`];
  const host = world.host({ name: `vantage ${index}`, addresses });
  world.linkBoth(host, resolver, { delayMs: point.resolverMs / 2 });
  const [name, way] = [nameOf('uy.'), nameOf('nobody.uy.')];
  const question = { name, type: RRType.NS, class: DnsClass.IN };
  const clients = await world.run(
    StubClients.open({
      host,
      resolver: { address: addressOf(index), port: DNS_PORT },
      // The second one is asked once, so that the way to .uy is known.
      questions: [question, { name: way, type: RRType.A, class: DnsClass.IN }],
      onOutcome: ({ client, question: asked, askedAtMs, endedAtMs }) => {
        const isMeasured = client === 0 && asked === 0;
        if (isMeasured) latency.add(Math.round((endedAtMs - askedAtMs) * NS_PER_MS));
      },
    }),
  );
  clients.ask(1, 1);
  const random = new SeededRandom(seed, `lab uy ${index}`);
  const gaps = poisson(point.rate, random);
  const { clock } = host.runtime;
  const askNext = (): void => {
    clock.schedule(gaps() ?? 0, () => {
      const isOurs = (random.below(RANGE) / RANGE) * point.rate < ASKS_PER_SECOND;
      clients.ask(isOurs ? 0 : 1, 0);
      askNext();
    });
  };
  clock.schedule(FIRST_WALK_MS, askNext);
}
