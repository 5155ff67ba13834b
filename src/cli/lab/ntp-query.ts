/** `ts-dns lab ntp query ADDR:PORT`: how far the clock of a server is ahead. */

import { formatDuration } from '../../lab/experiment/duration.ts';
import { type NtpQueryResult, queryNtp } from '../../lab/ntp/client.ts';
import { sourceOf, type NtpPacket } from '../../lab/ntp/packet.ts';
import { formatEndpoint } from '../../net/address.ts';
import type { Endpoint } from '../../net/ports.ts';
import { createPreciseWall } from '../../net/real/precise-wall.ts';
import { createRealRuntime } from '../../net/real/runtime.ts';
import { NS_PER_MS, NS_PER_S } from '../../sim/units.ts';
import { countWord, durationWord } from './words.ts';

export interface NtpQueryWords {
  readonly samples: string;
  readonly interval: string;
  readonly timeout: string;
  readonly json?: boolean;
}

const MAX_SAMPLES = 1000;
const LEAPS = ['none', 'insert', 'delete', 'unsynchronised'] as const;

/** Exit status: 0 when the server says the time, 1 when it does not. */
export async function ntpQuery(server: Endpoint, words: NtpQueryWords): Promise<number> {
  const result = await queryNtp({
    runtime: createRealRuntime(),
    server,
    nowNs: createPreciseWall(),
    samples: countWord('samples', words.samples, { min: 1, max: MAX_SAMPLES }),
    intervalMs: durationWord('interval', words.interval) / NS_PER_MS,
    timeoutMs: durationWord('timeout', words.timeout) / NS_PER_MS,
  });
  const text =
    words.json === true ? JSON.stringify(objectOf(server, result)) : linesOf(server, result);
  process.stdout.write(`${text}\n`);
  return result.best === undefined ? 1 : 0;
}

/** Seconds, as `ntpdig -j` has them. */
function objectOf(server: Endpoint, result: NtpQueryResult): object {
  const { best, packet, samples, kiss, refusals, silences } = result;
  return {
    server: formatEndpoint(server),
    ...(best && {
      offset: best.offsetNs / NS_PER_S,
      delay: best.delayNs / NS_PER_S,
      jitter: best.jitterNs / NS_PER_S,
      rootDistance: best.rootDistanceNs / NS_PER_S,
    }),
    ...(packet && stateOf(packet)),
    ...(kiss !== undefined && { kiss }),
    samples: samples.map(({ offsetNs, delayNs }) => {
      return { offset: offsetNs / NS_PER_S, delay: delayNs / NS_PER_S };
    }),
    refusals,
    silences,
  };
}

function stateOf({ stratum, referenceId, leap }: NtpPacket): object {
  return { stratum, source: sourceOf(referenceId), leap: LEAPS[leap] };
}

function linesOf(server: Endpoint, result: NtpQueryResult): string {
  const { best, packet, samples, kiss, refusals, silences } = result;
  const lines = samples.map(({ offsetNs, delayNs }) => {
    return `offset ${shown(offsetNs)}  delay ${shown(delayNs)}`;
  });
  for (const [because, count] of Object.entries(refusals)) {
    lines.push(`${count} not believed: ${because}`);
  }
  if (silences > 0) lines.push(`${silences} without an answer`);
  if (kiss !== undefined) lines.push(`the server says ${kiss}`);
  if (best === undefined || packet === undefined) {
    return [...lines, `${formatEndpoint(server)} does not say the time`].join('\n');
  }
  const ahead = best.offsetNs < 0 ? 'behind' : 'ahead';
  const by = shown(Math.abs(best.offsetNs));
  const state = `stratum ${packet.stratum}, leap ${LEAPS[packet.leap]}`;
  lines.push(`${formatEndpoint(server)} is ${ahead} by ${by} ± ${shown(best.rootDistanceNs)}`);
  return [...lines, `${state}, source ${sourceOf(packet.referenceId)}`].join('\n');
}

/** To a microsecond. */
function shown(ns: number): string {
  return formatDuration(Math.round(ns / 1000) * 1000);
}
