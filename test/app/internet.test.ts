import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { hintsFrom } from '../../src/app/hints.ts';
import { startInternet, type Internet } from '../../src/app/internet.ts';
import { exchange } from '../../src/client/exchange.ts';
import type { Logger } from '../../src/net/logger.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { World } from '../../src/sim/world.ts';
import { DnsClass, parseType, rcodeText } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { printRdata } from '../../src/wire/rdata/rdata.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import { loadZone, type Zone } from '../../src/zone/zone.ts';

/** The shipped zones, whole, in virtual time: every server of them on one simulated machine. */

interface InternetJson {
  readonly servers: readonly { name: string; address: string; zones: readonly string[] }[];
}

const PORT = 1053;

function read(file: string): Uint8Array {
  return readFileSync(new URL(`../../zones/${file}`, import.meta.url));
}

function zoneFrom(file: string, edit = (text: string): string => text): Zone {
  const octets = new TextEncoder().encode(edit(new TextDecoder().decode(read(file))));
  const zone = loadZone(octets, { file });
  if (!zone.ok) throw new Error(`${file}: ${zone.error[0]?.message}`);
  return zone.value;
}

let world: World;
let machine: SimHost;
let internet: Internet;

beforeEach(async () => {
  world = new World({ seed: 'internet' });
  machine = world.host({ name: 'machine', addresses: ['192.0.2.1'] });
  internet = await start();
});

function start(logger: Logger = silentLogger): Promise<Internet> {
  const { servers } = JSON.parse(new TextDecoder().decode(read('internet.json'))) as InternetJson;
  const hints = hintsFrom(
    parseMasterFile(read('root.hints'), { file: 'root.hints', origin: DnsName.root }).records,
  );
  if (!hints.ok) throw new Error(hints.error);
  const starting = startInternet({
    runtime: machine.runtime,
    logger,
    port: PORT,
    resolver: '127.0.0.1',
    rootHints: hints.value,
    servers: servers.map((server) => ({
      ...server,
      zones: server.zones.map((file) => zoneFrom(file)),
    })),
  });
  return world.run(starting);
}

async function ask(text: string): Promise<Message> {
  const [name, type] = text.split(' ') as [string, string];
  const outcome = await world.run(
    exchange(machine.runtime, {
      server: { address: '127.0.0.1', port: PORT },
      question: { name: nameOf(name), type: parseType(type)!, class: DnsClass.IN },
      flags: { rd: true },
      timeoutMs: 8000,
    }),
  );
  if (outcome.kind !== 'reply') throw new Error(outcome.kind);
  return outcome.message;
}

function lines(reply: Message): string[] {
  return reply.answers.map(({ name, ttl, type, rdata }) =>
    [name.toString(), ttl, printRdata(type, rdata)].join(' '),
  );
}

function upstreamQueries(): number {
  return world.packets.filter(
    ({ kind, to }) => kind === 'datagram' && to.port === PORT && to.address !== '127.0.0.1',
  ).length;
}

it('a walk from the root asks each level once, and the second answer comes from the cache', async () => {
  const first = await ask('www.example.com A');
  expect(lines(first)).toEqual(['www.example.com. 300 192.0.2.80']);
  expect(upstreamQueries()).toBe(3);
  await world.advance(60_000);
  expect(lines(await ask('www.example.com A'))).toEqual(['www.example.com. 240 192.0.2.80']);
  expect(upstreamQueries()).toBe(3);
});

describe('a changed TTL', () => {
  it('arrives when the old one is over, to the second', async () => {
    await ask('www.example.com A');
    const changed = zoneFrom('example.com.zone', (text) =>
      text.replaceAll('192.0.2.80', '192.0.2.81'),
    );
    for (const authority of internet.authorities) {
      if (authority.zones.get(changed.origin)) authority.zones.put(changed);
    }
    await world.advance(299_000);
    expect(lines(await ask('www.example.com A'))[0]).toMatch(/ 192\.0\.2\.80$/);
    await world.advance(1_500);
    expect(lines(await ask('www.example.com A'))).toEqual(['www.example.com. 300 192.0.2.81']);
  });
});

describe('every lesson of the map', () => {
  it.each([
    ['google.com A', 'NOERROR'],
    ['google.com MX', 'NOERROR'],
    ['engineering.nyu.com ANY', 'NOERROR'],
    ['engineering.nyu.edu A', 'NOERROR'],
    ['nyu.edu A', 'NOERROR'],
    ['80.2.0.192.in-addr.arpa PTR', 'NOERROR'],
    ['missing.example.com A', 'NXDOMAIN'],
    ['www.example.org A', 'NOERROR'],
    ['nothing.test A', 'NXDOMAIN'],
  ])('%s: %s', async (question, rcode) => {
    const reply = await ask(question);
    expect(rcodeText(reply.rcode)).toBe(rcode);
    if (rcode === 'NOERROR') expect(reply.answers).not.toHaveLength(0);
  });
});

it('nothing stays open when the internet is closed', async () => {
  await ask('www.example.com A');
  await world.run(internet.close());
  await world.settle();
  expect(world.pending).toEqual({ timers: 0, udpSockets: 0, listeners: 0, connections: 0 });
});
