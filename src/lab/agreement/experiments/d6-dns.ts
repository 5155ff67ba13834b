/** D6: DNS as a mix of AP and CP: one primary that decides, copies that answer for a while. */

import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { ParameterError, type ValuesOf } from '../../experiment/parameters.ts';
import type { Measurements, Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { secondsOf } from '../../ttl/common-parameters.ts';
import { PATIENCE_MS } from '../dns/cas-writer.ts';
import { measureMix } from '../dns/mix-measure.ts';
import { mixPlot } from '../dns/mix-plot.ts';
import { playMix } from '../dns/mix-run.ts';
import { NEAR_DELAY_MS, type MixOptions } from '../dns/mix.ts';

const PARAMETERS = {
  expire: {
    kind: 'duration',
    default: '1h',
    min: '10m',
    max: '7d',
    help: 'SOA EXPIRE (E): how long a secondary answers without its primary',
  },
  ttl: { kind: 'duration', default: '5m', min: '1s', max: '1h', help: 'TTL of the date (T)' },
  refresh: { kind: 'duration', default: '10m', min: '30s', max: '1d', help: 'SOA REFRESH (R)' },
  retry: { kind: 'duration', default: '2m', min: '10s', max: '1d', help: 'SOA RETRY' },
  notify: { kind: 'flag', default: true, help: 'whether the primary tells of changes' },
  'max-stale': {
    kind: 'duration',
    default: '0s',
    max: '1d',
    help: 'how long caches answer after the TTL (S); 0: they do not',
  },
  cut: { kind: 'duration', default: '90m', min: '1m', max: '30d', help: 'how long the cut lasts' },
  'write-every': {
    kind: 'duration',
    default: '1m',
    min: '20s',
    max: '1h',
    help: 'both writers try so often (W)',
  },
  'ask-every': {
    kind: 'duration',
    default: '1m',
    min: '1s',
    max: '10m',
    help: 'each client asks so often',
  },
  secondaries: { kind: 'count', default: 2, min: 1, max: 8, help: 'secondaries (n)' },
  caches: { kind: 'count', default: 2, min: 1, max: 8, help: 'caches, each with a client' },
  delay: { kind: 'duration', default: '20ms', min: '1ms', max: '100ms', help: 'one way (d)' },
} as const;

type Values = ValuesOf<typeof PARAMETERS>;

/** What `src/authority` takes its time for. */
const NOTIFY_GAP_NS = 50 * NS_PER_MS;
const NOTIFIED_GAP_NS = NS_PER_S;
const CHECK_NS = 6 * NS_PER_S;
const RETRY_EXPIRED_NS = 640 * NS_PER_S;
const BEFORE_CUT_MS = 1_800_000;

export const DNS_MIX: WorldExperiment = defineWorldExperiment({
  id: 'D6',
  title: 'DNS as AP and CP',
  quote: 'DNS: mix of AP & CP',
  question: 'The primary of a zone is cut off. Who can still read, who can still write, and what?',
  explanation:
    'One date stands in a zone. Its primary takes changes on a condition: the date must still be ' +
    'what the writer has read (RFC 2136 prerequisites), so that of two writers one wins. That ' +
    'side is CP: whoever does not reach the primary cannot write. Its secondaries have copies. ' +
    'They hear of changes (NOTIFY), or ask every REFRESH; without the primary they answer for ' +
    'EXPIRE, then SERVFAIL. Caches keep what they got for its TTL, and longer when they serve ' +
    'stale. That side is AP, for as long as the zone says: an answer is never older than ' +
    'EXPIRE + TTL (+ the longest stale age). Servers, secondaries and caches are the real ones.',
  lookFor: [
    'writes.near and writes.far: the primary’s side writes on, the other one cannot.',
    'secondary.lasts: exactly EXPIRE from the last word of the primary, not from the cut.',
    'stale.caches.max: what availability costs. `--max-stale 1h` buys more of both.',
    'change.everywhere.max with `--notify false`: REFRESH instead of a few round trips.',
  ],
  parameters: PARAMETERS,
  mutants: {
    'no-expire': 'secondaries never give up: stale.secondaries.max',
    'no-prerequisite': 'writers write whatever is there: writes.both.won, writes.lost',
    deaf: 'secondaries do not hear NOTIFY: change.everywhere.max',
    'keeps-longer': 'caches keep the date for a week: stale.caches.max',
  },
  async play(values, { seed, mutant }) {
    const options = optionsOf(values, seed, mutant);
    const result = await playMix(options);
    const measurements = measureMix(result);
    return {
      measurements,
      predictions: predictionsOf(values, measurements),
      traceHash: result.traceHash,
      plots: () => [mixPlot(result)],
    };
  },
});

function optionsOf(values: Values, seed: string, mutant: string | undefined): MixOptions {
  if (values.expire <= values.refresh + values.retry) {
    throw new ParameterError('expire: must be more than refresh and retry together');
  }
  if (values.cut <= values['write-every']) {
    throw new ParameterError('cut: must be longer than write-every, or nobody writes in it');
  }
  const writeEveryMs = values['write-every'] / NS_PER_MS;
  return {
    seed,
    mutant,
    times: {
      refreshSeconds: secondsOf(values.refresh),
      retrySeconds: secondsOf(values.retry),
      expireSeconds: secondsOf(values.expire),
      ttlSeconds: secondsOf(values.ttl),
    },
    secondaries: values.secondaries,
    caches: values.caches,
    delayMs: values.delay / NS_PER_MS,
    notifies: values.notify,
    maxStaleSeconds: secondsOf(values['max-stale']),
    writeEveryMs,
    askEveryMs: values['ask-every'] / NS_PER_MS,
    cutAtMs: Math.max(2, Math.ceil(BEFORE_CUT_MS / writeEveryMs)) * writeEveryMs,
    cutMs: values.cut / NS_PER_MS,
    settleMs: (settleNs(values) + values['write-every']) / NS_PER_MS,
  };
}

/** From the end of the cut until every secondary has what the primary had then. */
function settleNs(values: Values): number {
  const { notify, retry, refresh, delay } = values;
  const byTimer = Math.max(retry, refresh, RETRY_EXPIRED_NS) + CHECK_NS + 8 * delay;
  // A check that is under way has to end in vain before the next one.
  const toldNs = values['write-every'] + CHECK_NS + toldIn(values);
  return notify ? Math.min(byTimer, toldNs) : byTimer;
}

function healFormula({ notify }: Values): string {
  return notify ? 'W + 7 s + 7 d + (n - 1) 50 ms' : 'max(R, 640 s) + 6 s + 8 d';
}

/**
 * A change just after a check was answered: REFRESH counts from when that answer comes; then SOA,
 * a connection and IXFR, there and back.
 */
const CHECKED_WAYS = 7;

/**
 * Two changes in one second are one check; NOTIFY, SOA, a connection, IXFR; and before them a check
 * by the timer that had just been answered, where changes are so rare that there are any.
 */
function toldIn(values: Pick<Values, 'delay' | 'secondaries' | 'refresh' | 'write-every'>): number {
  const { delay, secondaries } = values;
  const ways = checksByTimer(values) ? 13 : 7;
  return NOTIFIED_GAP_NS + ways * delay + (secondaries - 1) * NOTIFY_GAP_NS;
}

/** A tenth of REFRESH may be left out, and each NOTIFY puts it off. */
function checksByTimer(values: Pick<Values, 'refresh' | 'write-every'>): boolean {
  return values['write-every'] >= 0.9 * values.refresh;
}

function predictionsOf(values: Values, measured: Measurements): readonly Prediction[] {
  const { expire, ttl, refresh, delay, notify, cut } = values;
  const stale = values['max-stale'];
  const isLong = cut > expire + PATIENCE_MS * NS_PER_MS;
  const most = (metric: string, value: number, formula: string): Prediction => {
    return { metric, kind: 'at most', value, formula };
  };
  const client = 2 * NEAR_DELAY_MS * NS_PER_MS;
  const told = `1 s + ${checksByTimer(values) ? 13 : 7} d + (n - 1) 50 ms`;
  const old = stale > 0 ? 'E + T + S + d' : 'E + T + d';
  const predictions: readonly Prediction[] = [
    { metric: 'writes.near', kind: 'exact', value: 1, formula: 'all: CP, with the primary' },
    { metric: 'writes.far', kind: 'exact', value: 0, formula: 'none: CP, without it' },
    ...(isLong
      ? (['min', 'max'] as const).map((end): Prediction => {
          const metric = `secondary.lasts.${end}`;
          return { metric, kind: 'exact', value: expire, formula: 'E', cite: 'RFC 1035 §3.3.13' };
        })
      : []),
    most('stale.secondaries.max', expire + delay, 'E + d'),
    most('stale.caches.max', expire + ttl + stale + delay, old),
    most('stale.caches.last', expire + ttl + stale + delay + client, `${old} + client RTT`),
    notify
      ? most('change.everywhere.max', toldIn(values), told)
      : most('change.everywhere.max', refresh + CHECKED_WAYS * delay, `R + ${CHECKED_WAYS} d`),
    most('heal.everywhere', settleNs(values), healFormula(values)),
    ...['writes.both.won', 'writes.lost', 'serial.back'].map((metric): Prediction => {
      return { metric, kind: 'exact', value: 0, formula: '0' };
    }),
  ];
  // Nothing of before a short cut, or of an expiry in it.
  return predictions.filter(({ metric }) => measured[metric] !== undefined || isLong);
}
