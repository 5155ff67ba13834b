/** E15: the file of all hosts, which everybody fetched (RFC 952, RFC 953), before there was DNS. */

import type { TcpConnection } from '../../../net/ports.ts';
import { SeededRandom } from '../../../sim/random.ts';
import { World } from '../../../sim/world.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { recorded } from '../arrivals.ts';
import { combinedHash } from '../merge.ts';
import { SampleMean } from '../regenerative.ts';
import { runTtl } from '../ttl-run.ts';

/** The hostnames server of the SRI Network Information Center (RFC 953). */
const PORT = 101;
const SERVER = '192.0.2.10';
const DAY_MS = 86_400_000;

export const hostsFileExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E15',
  title: 'Before DNS: HOSTS.TXT',
  quote: 'DNS: before: hosts file',
  question: 'Every host fetches the file of all hosts once a day. What if there are twice as many?',
  explanation:
    'Twice as many hosts fetch a file that is twice as long: the octets grow with the square of ' +
    'the number of hosts (RFC 1034 §2.1), whether a host needs ten names or all of them. With ' +
    'DNS a host asks for the names it needs, once a TTL each: twice as many hosts, twice the ' +
    'questions. And the file is a day old where a TTL may be a minute.',
  lookFor: ['`--hosts 80`: four times the octets of 40, and twice the questions.'],
  parameters: {
    hosts: { kind: 'count', default: 40, min: 2, max: 200, help: 'machines on the network (n)' },
    lookups: {
      kind: 'count',
      default: 20,
      min: 1,
      max: 200,
      help: 'names that each of them looks up a day, any of the n',
    },
  },
  mutants: {},
  async play({ hosts, lookups }, { seed }) {
    const half = Math.floor(hosts / 2);
    const [few, many] = [await playFile(half, seed), await playFile(hosts, seed)];
    const dns = await playDns({ hosts, lookups, seed });
    return {
      measurements: {
        'file.octets of half': { value: few.octets, unit: 'octets' },
        'file.octets': { value: many.octets, unit: 'octets' },
        'file.growth': { value: many.octets / few.octets, unit: 'ratio' },
        'dns.questions a host': dns.questions.measurement('count'),
      },
      predictions: predict({ hosts, half, lookups }),
      traceHash: combinedHash([few.traceHash, many.traceHash, dns.traceHash]),
    };
  },
});

function predict(counts: {
  readonly hosts: number;
  readonly half: number;
  readonly lookups: number;
}): readonly Prediction[] {
  const { hosts, half, lookups } = counts;
  const total = (n: number): number => n * octetsOf(fileOf(n));
  const distinct = hosts * (1 - (1 - 1 / hosts) ** lookups);
  const exact = (metric: string, value: number): Prediction => {
    return { metric, kind: 'exact', value, formula: 'n × n lines', cite: 'RFC 1034 §2.1' };
  };
  return [
    exact('file.octets of half', total(half)),
    exact('file.octets', total(hosts)),
    {
      metric: 'file.growth',
      kind: 'exact',
      value: total(hosts) / total(half),
      formula: 'about 4 for twice as many',
    },
    {
      metric: 'dns.questions a host',
      kind: 'statistical',
      value: distinct,
      formula: 'n (1 − (1 − 1/n)^k), the same for any n ≫ k',
    },
  ];
}

/** In the form of RFC 952. */
function fileOf(hosts: number): string {
  const lines = Array.from({ length: hosts }, (_, host) => {
    const address = `10.0.${host >>> 8}.${host & 255}`.padEnd(12);
    const name = `HOST-${String(host).padStart(5, '0')}`;
    return `HOST : ${address} : ${name} : VAX-11/780 : UNIX : TCP/FTP :\r\n`;
  });
  return `BEGIN\r\n${lines.join('')}END\r\n`;
}

function octetsOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A day: each host fetches the file once, at a time of its own. */
async function playFile(
  hosts: number,
  seed: string,
): Promise<{ readonly octets: number; readonly traceHash: string }> {
  const world = new World({ seed, recordLimit: 0, timeLimitMs: 2 * DAY_MS });
  const server = world.host({ name: 'nic', addresses: [SERVER] });
  const file = new TextEncoder().encode(fileOf(hosts));
  const listener = await world.run(
    server.runtime.network.listenTcp({ address: SERVER, port: PORT }, (connection) => {
      connection.start(serving(connection, file));
    }),
  );
  const random = new SeededRandom(seed, 'lab hosts');
  let octets = 0;
  const count = (length: number): void => {
    octets += length;
  };
  for (let index = 0; index < hosts; index += 1) {
    const address = `10.0.${index >>> 8}.${index & 255}`;
    const { runtime } = world.host({ name: `host ${index}`, addresses: [address] });
    const fetchOnce = (): void => void fetchFile(runtime.network, count);
    runtime.clock.schedule(random.below(DAY_MS), fetchOnce);
  }
  await world.advance(DAY_MS + 10_000);
  await world.run(listener.close());
  return { octets, traceHash: world.traceHash };
}

const REQUEST = new TextEncoder().encode('ALL\r\n');

function serving(connection: TcpConnection, file: Uint8Array) {
  return {
    onData: () => {
      connection.write(file);
      connection.end();
    },
    onEnd: () => {},
    onDrain: () => {},
    onClose: () => {},
  };
}

async function fetchFile(
  network: { connectTcp(to: { address: string; port: number }): Promise<TcpConnection> },
  onOctets: (length: number) => void,
): Promise<void> {
  const connection = await network.connectTcp({ address: SERVER, port: PORT });
  connection.start({
    onData: ({ length }) => onOctets(length),
    onEnd: () => connection.end(),
    onDrain: () => {},
    onClose: () => {},
  });
  connection.write(REQUEST);
}

/** Each host with a cache of its own, and TTLs of a day: a name is asked for once. */
async function playDns(options: {
  readonly hosts: number;
  readonly lookups: number;
  readonly seed: string;
}): Promise<{ readonly questions: SampleMean; readonly traceHash: string }> {
  const { hosts, lookups, seed } = options;
  const questions = new SampleMean();
  const hashes: string[] = [];
  for (let host = 0; host < hosts; host += 1) {
    let upstream = 0;
    const { traceHash } = await runTtl({
      seed: `${seed}/${host}`,
      ttlSeconds: 86_400,
      names: hosts,
      gaps: () => recorded(Array.from({ length: lookups }, (_, ask) => (ask + 1) * 60_000)),
      choose: (random) => () => random.below(hosts),
      queries: lookups,
      clientDelayMs: 1,
      serverDelayMs: 10,
      recursion: { qnameMinimisation: 'off' },
      onUpstream: () => (upstream += 1),
      onQuery: () => {},
    });
    questions.add(upstream);
    hashes.push(traceHash);
  }
  return { questions, traceHash: combinedHash(hashes) };
}
