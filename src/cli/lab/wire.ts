/** `ts-dns lab wire`: the relay in front of any UDP program. */

import { formatDuration } from '../../lab/experiment/duration.ts';
import {
  defaultsOf,
  ParameterError,
  readParameter,
  type ParameterValue,
} from '../../lab/experiment/parameters.ts';
import type { Direction, DirectionOptions } from '../../lab/wire/direction.ts';
import { LINK_PARAMETERS, linkOf } from '../../lab/wire/link-parameters.ts';
import { Relay, type RelayStatistics } from '../../lab/wire/relay.ts';
import { formatEndpoint } from '../../net/address.ts';
import type { Endpoint } from '../../net/ports.ts';
import { createRealRuntime } from '../../net/real/runtime.ts';
import { runUntilStopped } from '../signals.ts';
import { UsageError } from './usage-error.ts';

/** By the option's name, which begins with `reverse-` for the way back. */
type LinkWords = Readonly<Record<string, string | true | undefined>>;

export interface WireOptions {
  readonly listen: Endpoint;
  readonly to: Endpoint;
  readonly seed: string;
  /** The way back is like the way there, but for what `reverse-` options say. */
  readonly both?: boolean;
  readonly json?: boolean;
  readonly words: LinkWords;
}

export async function wire(options: WireOptions): Promise<number> {
  const { listen, to: target, seed, both = false, json = false, words } = options;
  const forth = directionOf(words, '', defaultsOf(LINK_PARAMETERS));
  const likeForth = { ...defaultsOf(LINK_PARAMETERS), ...(both && forth.values) };
  const back = directionOf(words, 'reverse-', likeForth);
  const runtime = createRealRuntime();
  const relay = await Relay.open({ runtime, listen, target, seed, forth, back });
  const { local } = relay;
  process.stderr.write(`ready: ${formatEndpoint(local)} to ${formatEndpoint(target)}\n`);
  const print = (): void => {
    const { statistics } = relay;
    process.stdout.write(json ? `${JSON.stringify(statistics)}\n` : printStatistics(statistics));
  };
  return runUntilStopped({
    async stop() {
      print();
      await relay.close();
    },
    reload: print,
  });
}

function directionOf(
  words: LinkWords,
  prefix: string,
  usual: Readonly<Record<string, ParameterValue>>,
): DirectionOptions & { readonly values: Readonly<Record<string, ParameterValue>> } {
  const values = { ...usual };
  try {
    for (const [name, parameter] of Object.entries(LINK_PARAMETERS)) {
      const word = words[prefix + name];
      if (word === undefined) continue;
      values[name] = readParameter(prefix + name, parameter, word === true ? 'true' : word);
    }
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    throw new UsageError(`--${error.message}`);
  }
  return { link: linkOf(values), drops: dropsOf(words[`${prefix}drop`]), values };
}

/** '1,3' */
function dropsOf(word: string | true | undefined): readonly number[] {
  if (word === undefined) return [];
  const numbers = String(word).split(',').map(Number);
  if (numbers.every((nth) => Number.isSafeInteger(nth) && nth >= 1)) return numbers;
  throw new UsageError(`--drop: expected numbers of datagrams from 1, as 1,3, got '${word}'`);
}

function printStatistics({ forth, back, clients, refused, lag }: RelayStatistics): string {
  const [p50, p99, max] = [lag.p50Ns, lag.p99Ns, lag.maxNs].map((ns) =>
    formatDuration(Math.round(ns / 1000) * 1000),
  );
  return [
    `forth: ${printCounts(forth)}`,
    `back:  ${printCounts(back)}`,
    `clients ${clients}, refused ${refused}; late by ${p50} (p50), ${p99} (p99), ${max} (max)`,
    '',
  ].join('\n');
}

function printCounts({ datagrams, octets, delivered, lost }: Direction['counts']): string {
  const losses = Object.entries(lost).map(([reason, count]) => `${count} by ${reason}`);
  const told = losses.length > 0 ? `, lost ${losses.join(', ')}` : '';
  return `${datagrams} datagrams, ${octets} octets, delivered ${delivered}${told}`;
}
