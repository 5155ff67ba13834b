/** A link as people describe it on a command line. */

import type { ParameterSet, ParameterValue, ValuesOf } from '../experiment/parameters.ts';
import type { Jitter } from '../../sim/jitter.ts';
import type { LinkOptions } from '../../sim/link-options.ts';
import { NS_PER_MS } from '../../sim/units.ts';

/** What the heavy tail is made of: a mean of three times the smallest value. */
const PARETO_SHAPE = 1.5;

const PARAMETERS = {
  delay: { kind: 'duration', default: '0ms', help: 'how long every datagram takes' },
  jitter: { kind: 'duration', default: '0ms', help: 'what chance adds to it on average' },
  'jitter-kind': {
    kind: 'choice',
    choices: ['uniform', 'exponential', 'normal', 'pareto'],
    default: 'uniform',
    help: 'after which distribution (normal: a third of --jitter is its standard deviation)',
  },
  fifo: { kind: 'flag', default: false, help: 'jitter lets no datagram overtake another' },
  loss: { kind: 'fraction', default: 0, help: 'chance to be lost, each alone' },
  burst: { kind: 'fraction', default: 0, help: 'chance that a burst of losses begins' },
  'burst-length': {
    kind: 'number',
    default: 4,
    min: 1,
    max: 1_000_000,
    help: 'datagrams in a burst, on average',
  },
  duplicate: { kind: 'fraction', default: 0, help: 'chance to arrive twice' },
  swap: { kind: 'fraction', default: 0, help: 'chance to overtake the one before' },
  jump: { kind: 'fraction', default: 0, help: 'chance to be late by --jump-by' },
  'jump-by': { kind: 'duration', default: '100ms', help: 'how late' },
  corrupt: { kind: 'fraction', default: 0, help: 'chance to arrive with one bit flipped' },
  mtu: { kind: 'count', default: 65_535, min: 0, max: 65_535, help: 'octets; more is lost' },
  rate: {
    kind: 'number',
    default: 0,
    min: 0,
    max: 1e12,
    help: 'bits a second; 0 for any number',
  },
  queue: {
    kind: 'count',
    default: 0,
    min: 0,
    max: 1_000_000_000,
    help: 'octets that may wait for the rate; 0 for any number',
  },
} as const satisfies ParameterSet;
export const LINK_PARAMETERS: ParameterSet = PARAMETERS;

type LinkValues = ValuesOf<typeof PARAMETERS>;

export function linkOf(given: Readonly<Record<string, ParameterValue>>): LinkOptions {
  const values = given as LinkValues;
  const { fifo, loss, burst, duplicate, swap, jump, corrupt, mtu, rate, queue } = values;
  const jitter = values.jitter > 0 ? jitterOf(values) : undefined;
  return {
    delayMs: values.delay / NS_PER_MS,
    ...(jitter && { jitter }),
    isFifo: fifo,
    loss,
    ...(burst > 0 && { burst: { enter: burst, leave: 1 / values['burst-length'] } }),
    duplicate,
    swap,
    jump,
    jumpMs: values['jump-by'] / NS_PER_MS,
    corrupt,
    mtuOctets: mtu,
    ...(rate > 0 && { bitsPerSecond: rate }),
    ...(queue > 0 && { queueOctets: queue }),
  };
}

function jitterOf(values: LinkValues): Jitter {
  const meanMs = values.jitter / NS_PER_MS;
  switch (values['jitter-kind']) {
    case 'uniform':
      return { kind: 'uniform', maxMs: 2 * meanMs };
    case 'exponential':
      return { kind: 'exponential', meanMs };
    case 'normal':
      return { kind: 'normal', meanMs, deviationMs: meanMs / 3 };
    case 'pareto':
      return { kind: 'pareto', scaleMs: meanMs / 3, shape: PARETO_SHAPE };
  }
}
