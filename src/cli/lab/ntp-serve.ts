/** `ts-dns lab ntp serve`: tells the time over NTP, until it is stopped. */

import { NtpServer, type NtpServerOptions } from '../../lab/ntp/server.ts';
import { formatEndpoint } from '../../net/address.ts';
import type { Endpoint } from '../../net/ports.ts';
import { createPreciseWall } from '../../net/real/precise-wall.ts';
import { createRealRuntime } from '../../net/real/runtime.ts';
import { NS_PER_MS } from '../../sim/units.ts';
import { runUntilStopped } from '../signals.ts';
import { UsageError } from './usage-error.ts';
import { countWord, durationWord } from './words.ts';

export interface NtpServeWords {
  readonly listen: Endpoint;
  readonly stratum: string;
  readonly source: string;
  readonly unsynchronised?: boolean;
  readonly leap?: string;
  readonly offset: string;
  readonly time?: string;
  readonly rootDelay: string;
  readonly rootDispersion: string;
  readonly rate: string;
  readonly deny: readonly string[];
  readonly json?: boolean;
}

const MAX_RATE = 1_000_000;

export async function ntpServe(words: NtpServeWords): Promise<number> {
  const options = optionsOf(words);
  const server = await NtpServer.open({ ...options, runtime: createRealRuntime() });
  process.stderr.write(`ready: ${formatEndpoint(server.local)}\n`);
  const print = (): void => {
    const { answered, kissed, ignored } = server.counts;
    const text =
      words.json === true
        ? JSON.stringify(server.counts)
        : `${answered} answered, ${kissed} told to slow down or go, ${ignored} ignored`;
    process.stdout.write(`${text}\n`);
  };
  return runUntilStopped({
    async stop() {
      print();
      await server.close();
    },
    reload: print,
  });
}

function optionsOf(words: NtpServeWords): Omit<NtpServerOptions, 'runtime'> {
  const { listen, source, unsynchronised = false, leap, deny } = words;
  if (!/^[\u0021-\u007e]{1,4}$/.test(source)) {
    throw new UsageError(`--source: expected up to four letters, got '${source}'`);
  }
  if (leap !== undefined && leap !== 'insert' && leap !== 'delete') {
    throw new UsageError(`--leap: expected insert or delete, got '${leap}'`);
  }
  const stratum = countWord('stratum', words.stratum, { min: 1, max: 15 });
  const denied = new Set(deny);
  return {
    listen,
    nowNs: clockOf(words),
    stratum: unsynchronised ? undefined : stratum,
    source,
    ...(leap !== undefined && { leap: leap === 'insert' ? 1 : 2 }),
    rootDelayNs: durationWord('root-delay', words.rootDelay),
    rootDispersionNs: durationWord('root-dispersion', words.rootDispersion),
    perSecond: countWord('rate', words.rate, { min: 1, max: MAX_RATE }),
    denies: (address) => denied.has(address),
  };
}

/** The machine's wall clock, moved by what was asked for. */
function clockOf({ offset, time }: NtpServeWords): () => bigint {
  const wallNs = createPreciseWall();
  let movedNs = BigInt(durationWord('offset', offset, { isSigned: true }));
  if (time !== undefined) {
    // tidy-allow clock: reads what somebody wrote, not a clock
    const startMs = Date.parse(time);
    if (Number.isNaN(startMs)) {
      throw new UsageError(`--time: expected a date as 2036-02-07T06:28:10Z, got '${time}'`);
    }
    movedNs += BigInt(startMs) * BigInt(NS_PER_MS) - wallNs();
  }
  return () => wallNs() + movedNs;
}
