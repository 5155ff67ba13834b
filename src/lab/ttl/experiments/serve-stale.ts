/** E11: better an old answer than none (RFC 8767). */

import { drop, pass } from '../../../sim/packet.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { recorded } from '../arrivals.ts';
import { runTtl, type ObservedQuery } from '../ttl-run.ts';
import { NS_PER_MS } from '../../../sim/units.ts';

/** RFC 8767 §5. */
const CLIENT_TIMER_MS = 1800;
const STALE_TTL_SECONDS = 30;
const CLIENT_DELAY_MS = 1;

export const serveStaleExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E11',
  title: 'Serving stale',
  quote: 'AP: if there is no network, answer all the same',
  question: 'The authority is gone and the TTL is over. What do clients get, and when?',
  explanation:
    'A resolver that serves stale keeps what is over. The first client after the end of the TTL ' +
    'waits 1.8 s, while the resolver tries to refresh, and then gets the old record with a ' +
    'TTL of ' +
    '30 s (RFC 8767 §5). Servers that have failed are left alone for half a minute: in it, ' +
    'clients ' +
    'get the old record at once. After the longest stale age the answer is SERVFAIL. ' +
    'Availability ' +
    'is bought with staleness of up to TTL + that age.',
  lookFor: [
    'The first stale answer after exactly the client timer and the client round trip.',
    'Without serve-stale (`--serve-stale false`) every question after the TTL fails.',
  ],
  parameters: {
    ttl: { kind: 'duration', default: '60s', min: '10s', max: '1h', help: 'TTL of the record (T)' },
    'max-stale': {
      kind: 'duration',
      default: '1h',
      min: '2m',
      max: '7d',
      help: 'how long data are of use after their TTL',
    },
    'serve-stale': { kind: 'flag', default: true, help: 'whether old answers are given at all' },
  },
  mutants: {},
  async play(values, { seed }) {
    const ttlMs = values.ttl / NS_PER_MS;
    const staleMs = values['max-stale'] / NS_PER_MS;
    const seen: ObservedQuery[] = [];
    // Asked: before the attack; twice after the TTL, close together; shortly before the end; after.
    const firstAskMs = 1000;
    const lateMs = firstAskMs + ttlMs + 1000;
    const overMs = lateMs + staleMs;
    const asks = [firstAskMs, lateMs, lateMs + 10_000, overMs - 60_000, overMs + 60_000];
    const { traceHash } = await runTtl({
      seed,
      ttlSeconds: ttlMs / 1000,
      gaps: () => recorded(asks),
      queries: asks.length,
      clientDelayMs: CLIENT_DELAY_MS,
      serverDelayMs: 10,
      recursion: values['serve-stale'] ? { serveStale: { maxAgeSeconds: staleMs / 1000 } } : {},
      onOpen: ({ world }) => {
        world.at(world.nowMs + firstAskMs + 500, () => {
          world.install(({ toHost }) => (toHost === 'ns' ? drop : pass));
        });
      },
      onQuery: (query) => void seen.push(query),
    });
    const [, first, second, last, after] = seen;
    const servesStale = values['serve-stale'];
    const roundTripNs = 2 * CLIENT_DELAY_MS * NS_PER_MS;
    const exact = (metric: string, value: number, formula: string) =>
      ({ metric, kind: 'exact', value, formula }) as const;
    const answered = seen.filter(({ outcome }) => outcome !== 'failed').length;
    const latency = (query: ObservedQuery | undefined): number =>
      Math.round((query?.latencyMs ?? NaN) * NS_PER_MS);
    return {
      measurements: {
        answered: { value: answered, unit: 'count' },
        ...(servesStale && {
          'lat.first stale': { value: latency(first), unit: 'ns' },
          'lat.second stale': { value: latency(second), unit: 'ns' },
          'ttl.of a stale answer': { value: (second?.answer?.ttlSeconds ?? NaN) * 1e9, unit: 'ns' },
          'answered at the end': { value: last?.outcome === 'failed' ? 0 : 1, unit: 'count' },
        }),
        'answered after it': { value: after?.outcome === 'failed' ? 0 : 1, unit: 'count' },
      },
      predictions: servesStale
        ? [
            exact('answered', 4, 'all but the last'),
            exact(
              'lat.first stale',
              roundTripNs + CLIENT_TIMER_MS * NS_PER_MS,
              'client RTT + 1.8 s',
            ),
            exact('lat.second stale', roundTripNs, 'client RTT'),
            exact('ttl.of a stale answer', STALE_TTL_SECONDS * 1e9, '30 s'),
            exact('answered at the end', 1, 'T + max stale not over'),
            exact('answered after it', 0, 'T + max stale over'),
          ]
        : [exact('answered', 1, 'the one within the TTL'), exact('answered after it', 0, '0')],
      traceHash,
    };
  },
});
