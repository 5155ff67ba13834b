/** E10 and E11: what caches do for clients while the authority drowns. */

import { drop, pass } from '../../../sim/packet.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { SeededRandom } from '../../../sim/random.ts';
import { poisson } from '../arrivals.ts';
import type { LabInternet } from '../internet.ts';
import { RegenerativeRatio } from '../regenerative.ts';
import { runTtl } from '../ttl-run.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';

const MOURA = 'Moura et al., IMC 2018; IETF 104';

export const retriesExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E10',
  title: 'Attack: what retries save',
  quote: 'Low TTL: more load',
  question: 'The authority loses a share p of all packets. How many questions still get an answer?',
  explanation:
    'A cached record needs nobody. A miss asks, and asks again, r times in all: it fails only ' +
    'when ' +
    'all are lost, so 1 − p^r of the misses succeed, at the price of (1 − p^r) / (1 − p) ' +
    'questions ' +
    'each: the retries of honest resolvers multiply the load on a server that is drowning. At ' +
    '90 % ' +
    'loss and three tries 27.1 % are answered and every miss sends 2.71 questions.',
  lookFor: [
    'With a TTL longer than the attack, clients of names in the cache notice nothing.',
    'Upstream questions per miss rise as the loss does: the attack feeds itself.',
  ],
  parameters: {
    loss: { kind: 'fraction', default: 0.9, help: 'of packets to the authority (p)' },
    tries: { kind: 'count', default: 3, min: 1, max: 8, help: 'questions a miss may send (r)' },
    ttl: { kind: 'duration', default: '0s', max: '1d', help: 'TTL of the record (T)' },
    queries: { kind: 'count', default: 4000, min: 10, max: 1_000_000, help: 'questions in all' },
    interval: {
      kind: 'duration',
      default: '10m',
      min: '3m',
      max: '1d',
      help: 'between two questions, on average: long against what failures are remembered for',
    },
  },
  mutants: {},
  async play(values, { seed }) {
    const { tries, loss } = values;
    const answered = new RegenerativeRatio();
    let misses = 0;
    let isWarm = false;
    const ttl = Math.floor(values.ttl / NS_PER_S);
    const attack = { begins: 0, asked: 0 };
    const result = await runTtl({
      seed,
      ttlSeconds: ttl,
      // Never closer than what remembers a failure: RFC 9520 allows five minutes.
      gaps: (random) => {
        const gaps = poisson(NS_PER_S / (values.interval / 2), random);
        return () => values.interval / 2 / NS_PER_MS + (gaps() ?? 0);
      },
      queries: values.queries,
      clientDelayMs: 1,
      serverDelayMs: 10,
      recursion: {
        limits: { sendsPerStep: tries, triesPerAddress: tries, triesUnproven: tries },
        qnameMinimisation: 'off',
      },
      onOpen: (internet) => loseAtAuthority(internet, { loss, seed, attack }),
      onQuery: ({ outcome }) => {
        // The first one walks from the root before the attack begins.
        if (isWarm) {
          answered.add(outcome === 'failed' ? 0 : 1, 1);
          misses += outcome === 'hit' ? 0 : 1;
        }
        isWarm = true;
        attack.begins = 1;
      },
    });
    return {
      measurements: {
        answered: answered.measurement('ratio'),
        'upstream per miss': {
          value: misses === 0 ? 0 : attack.asked / misses,
          unit: 'ratio',
          standardError: Math.sqrt(triesVariance(loss, tries) / Math.max(1, misses)),
        },
      },
      predictions: ttl === 0 ? retryPredictions(loss, tries) : [],
      traceHash: result.traceHash,
    };
  },
});

/** From the first answer on, each packet to the domain's authority is lost with this chance. */
function loseAtAuthority(
  internet: LabInternet,
  { loss, seed, attack }: { loss: number; seed: string; attack: { begins: number; asked: number } },
): void {
  const random = new SeededRandom(seed, 'lab ttl attack');
  internet.world.install((packet) => {
    if (attack.begins === 0 || packet.toHost !== 'ns' || packet.kind !== 'datagram') return pass;
    attack.asked += 1;
    return random.below(2 ** 32) / 2 ** 32 < loss ? drop : pass;
  });
}

/** Without a cache in the way. */
function retryPredictions(loss: number, tries: number): readonly Prediction[] {
  return [
    {
      metric: 'answered',
      kind: 'statistical',
      value: 1 - loss ** tries,
      formula: '1 − p^r',
      cite: MOURA,
    },
    {
      metric: 'upstream per miss',
      kind: 'statistical',
      value: meanTries(loss, tries),
      formula: '(1 − p^r) / (1 − p)',
      cite: MOURA,
    },
  ];
}

/** Of the number of tries, which ends at `tries` or with the first success. */
function triesVariance(loss: number, tries: number): number {
  const mean = meanTries(loss, tries);
  let square = 0;
  for (let k = 1; k < tries; k += 1) square += k * k * loss ** (k - 1) * (1 - loss);
  square += tries * tries * loss ** (tries - 1);
  return square - mean * mean;
}

function meanTries(loss: number, tries: number): number {
  return loss === 1 ? tries : (1 - loss ** tries) / (1 - loss);
}
