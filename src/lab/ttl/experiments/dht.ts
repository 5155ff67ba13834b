/** E17: names in a hierarchy with caches, against names in a distributed hash table. */

import { hashText } from '../../../sim/hash.ts';
import { SeededRandom } from '../../../sim/random.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { ParameterError } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { periodic } from '../arrivals.ts';
import { ChordRing } from '../chord.ts';
import { combinedHash } from '../merge.ts';
import { SampleMean } from '../regenerative.ts';
import { runTtl } from '../ttl-run.ts';

const STOICA = 'Stoica et al., SIGCOMM 2001';

export const dhtExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E17',
  title: 'A hierarchy against a hash table',
  quote: 'DNS: path + caching',
  question: 'Would names be found faster with no root and no hierarchy at all?',
  explanation:
    'In a ring of N nodes that each know log2 N others a look-up takes ½ log2 N hops on average, ' +
    'log2 N at most, and nobody has a special place. DNS takes three round trips the first time, ' +
    'one when the way is known, none when the answer is: the tree concentrates what everybody ' +
    'needs in few records with long TTLs, which caches hold. A hash table spreads names evenly, ' +
    'so no path is worth keeping (Cox, Muthitacharoen and Morris, IPTPS 2002).',
  lookFor: [
    'Doubling the nodes costs half a hop; DNS does not notice how many domains there are.',
    'What a hash table has for it: no root to attack, no registrar to ask.',
  ],
  parameters: {
    nodes: { kind: 'count', default: 256, min: 2, max: 4096, help: 'of the ring; a power of two' },
    lookups: { kind: 'count', default: 1000, min: 10, max: 100_000, help: 'in the ring' },
    delay: {
      kind: 'duration',
      default: '20ms',
      min: '1ms',
      max: '150ms',
      help: 'between any two machines, one way',
    },
  },
  mutants: {},
  async play({ nodes, lookups, delay }, { seed }) {
    const bits = Math.log2(nodes);
    if (!Number.isInteger(bits)) throw new ParameterError(`nodes: ${nodes} is no power of two`);
    const delayMs = delay / NS_PER_MS;
    const ids = Array.from({ length: nodes }, (_, index) => index * (2 ** 32 / nodes));
    const ring = await ChordRing.open({ ids, seed, delayMs });
    const random = new SeededRandom(seed, 'lab dht');
    const hops = new SampleMean();
    const latency = new SampleMean();
    for (let lookup = 0; lookup < lookups; lookup += 1) {
      const key = hashText(lookup, `host-${random.uint32()}.shop.example.`);
      const found = await ring.lookUp(random.below(nodes), key);
      hops.add(found.hops);
      latency.add(found.latencyMs);
    }
    await ring.close();
    const dns = await playDns(delayMs, seed);
    return {
      measurements: {
        'dht.hops': hops.measurement('count'),
        'dht.hops.max': { value: hops.max, unit: 'count' },
        'dht.lat.mean': latency.measurement('ns', NS_PER_MS),
        'dns.lat.cold': { value: dns.cold, unit: 'ns' },
        'dns.lat.way known': { value: dns.way, unit: 'ns' },
        'dns.lat.name known': { value: dns.known, unit: 'ns' },
      },
      predictions: predict(bits, 2 * delay),
      traceHash: combinedHash([ring.world.traceHash, dns.traceHash]),
    };
  },
});

function predict(bits: number, trip: number): readonly Prediction[] {
  const exact = (metric: string, value: number, formula: string): Prediction => {
    return { metric, kind: 'exact', value, formula };
  };
  return [
    {
      metric: 'dht.hops',
      kind: 'statistical',
      value: bits / 2,
      formula: '½ log2 N',
      cite: STOICA,
    },
    { metric: 'dht.hops.max', kind: 'at most', value: bits, formula: 'log2 N', cite: STOICA },
    {
      metric: 'dht.lat.mean',
      kind: 'statistical',
      value: (bits / 2) * trip,
      formula: '½ log2 N RTT',
    },
    exact('dns.lat.cold', CLIENT_TRIP_NS + 3 * trip, 'client RTT + 3 RTT'),
    exact('dns.lat.way known', CLIENT_TRIP_NS + trip, 'client RTT + 1 RTT'),
    exact('dns.lat.name known', CLIENT_TRIP_NS, 'client RTT'),
  ];
}

const CLIENT_MS = 1;
const CLIENT_TRIP_NS = 2 * CLIENT_MS * NS_PER_MS;

/** Three questions: nothing known, the way known, the name known. */
async function playDns(
  delayMs: number,
  seed: string,
): Promise<{ cold: number; way: number; known: number; traceHash: string }> {
  const latencies: number[] = [];
  const names = [0, 1, 1];
  const { traceHash } = await runTtl({
    seed,
    ttlSeconds: 300,
    names: 2,
    gaps: () => periodic(5000, 5000),
    choose: () => () => names.shift() ?? 0,
    queries: 3,
    clientDelayMs: CLIENT_MS,
    serverDelayMs: delayMs,
    recursion: { priming: false },
    onQuery: ({ latencyMs }) => void latencies.push(Math.round(latencyMs * NS_PER_MS)),
  });
  const [cold = NaN, way = NaN, known = NaN] = latencies;
  return { cold, way, known, traceHash };
}
