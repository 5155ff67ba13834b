/** The servers of a plan: each answers for all zones that name it, with its own way to go wrong. */
import { FrameDecoder, frame } from '../../src/net/framing.ts';
import type { Peer } from '../../src/net/ports.ts';
import type { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import type { Fault, Plan, ZonePlan } from './plan.ts';
import { findIn } from './truth.ts';

type Via = 'udp' | 'tcp';

const SLOW_MS = 250;
const UDP_OCTETS = 1232;
const TCP_OCTETS = 65_535;

/** Opens every server of the plan. */
export async function openServers(world: World, plan: Plan): Promise<void> {
  const opening: Promise<unknown>[] = [];
  const addresses = new Map<string, Fault>();
  for (const { servers } of plan.zones) {
    for (const { address, fault } of servers) addresses.set(address, fault);
  }
  for (const [address, fault] of addresses) {
    if (fault === 'silent') continue;
    const zones = plan.zones.filter(({ servers }) =>
      servers.some((one) => one.address === address),
    );
    opening.push(openServer(world, { address, fault, zones, plan }));
  }
  await world.run(Promise.all(opening));
}

interface Server {
  readonly address: string;
  readonly fault: Fault;
  readonly zones: readonly ZonePlan[];
  readonly plan: Plan;
}

async function openServer(world: World, server: Server): Promise<void> {
  const { address, fault } = server;
  const { network, clock } = world.host({ addresses: [address] }).runtime;
  const local = { address, port: 53 };
  const soon = (action: () => void): void => {
    if (fault === 'slow') clock.schedule(SLOW_MS, action);
    else action();
  };
  const socket = await network.bindUdp(local, (datagram, peer) => {
    const kept: Peer = peer.retain();
    const replies = repliesTo(server, new Uint8Array(datagram), 'udp');
    soon(() => {
      for (const octets of replies) socket.send(octets, kept);
    });
    return 0;
  });
  await network.listenTcp(local, (connection) => {
    const frames = new FrameDecoder();
    connection.start({
      onData: (bytes) => {
        for (const octets of frames.decode(bytes)) {
          const replies = repliesTo(server, new Uint8Array(octets), 'tcp');
          soon(() => {
            for (const one of replies) connection.write(frame(one));
          });
        }
      },
      onEnd: () => connection.end(),
      onDrain: () => {},
      onClose: () => {},
    });
  });
}

function repliesTo(server: Server, octets: Uint8Array, via: Via): readonly Uint8Array[] {
  const decoded = decodeMessage(octets);
  if (!decoded.ok) throw new Error(decoded.error.reason);
  const query = decoded.value;
  const honest = answer(server, query);
  const limit =
    via === 'udp' ? Math.min(query.edns?.udpPayloadSize ?? 512, UDP_OCTETS) : TCP_OCTETS;
  const write = (message: Message): Uint8Array => encodeMessage(message, limit);
  return WAYS[server.fault](honest, { query, via, server }).map(write);
}

interface Circumstances {
  readonly query: Message;
  readonly via: Via;
  readonly server: Server;
}

type Way = (honest: Message, circumstances: Circumstances) => readonly Message[];

const plainly: Way = (honest) => [honest];

const WAYS: Readonly<Record<Fault, Way>> = {
  none: plainly,
  slow: plainly,
  silent: () => [],
  truncating: (honest, { query, via }) => [via === 'udp' ? bare(query, { tc: true }) : honest],
  'no EDNS': (honest, { query }) => {
    return [query.edns ? bare(query, { rcode: Rcode.FORMERR }) : honest];
  },
  'case-changing': (honest) => [
    {
      ...honest,
      questions: honest.questions.map((question) => ({
        name: lowered(question.name),
        type: question.type,
        class: question.class,
      })),
    },
  ],
  twice: (honest) => [honest, honest],
  noisy: (honest, { query }) => [
    { ...lieAbout(honest, honest.questions[0]!.name), qr: false },
    { ...honest, questions: [] },
    bare({ ...query, questions: [{ name: nameOf('taint.'), type: 1, class: 1 }] }, {}),
    honest,
  ],
  lying: (honest, { server }) => [withLies(honest, server)],
  'wrong id first': (honest, { query, via }) => {
    const forged = lieAbout({ ...honest, id: query.id ^ 0x101 }, honest.questions[0]!.name);
    return via === 'udp' ? [forged, honest] : [honest];
  },
  lame: (_honest, { query }) => [bare(query, { rcode: Rcode.REFUSED })],
  failing: (_honest, { query }) => [bare(query, { rcode: Rcode.SERVFAIL })],
  empty: (_honest, { query }) => [bare(query, {})],
};

export function bare({ id, questions, edns }: Message, parts: Partial<Message>): Message {
  const base = createMessage({ id, questions, qr: true, ...parts });
  // A server that does not know EDNS shows none.
  return edns && parts.rcode !== Rcode.FORMERR ? { ...base, edns: { ...edns, options: [] } } : base;
}

function lowered(name: DnsName): DnsName {
  const wire = new Uint8Array(name.wire);
  let next = 0;
  wire.forEach((octet, at) => {
    if (at === next) next = at + octet + 1;
    else if (octet >= 0x41 && octet <= 0x5a) wire[at] = octet + 32;
  });
  return DnsName.fromWire(wire);
}

const TAINTED = Uint8Array.of(203, 0, 113, 1);

function tainted(name: DnsName): ResourceRecord {
  return { name, type: RRType.A, class: 1, ttl: 86_400, rdata: TAINTED };
}

/** A forger's idea of an answer. */
export function lieAbout(honest: Message, name: DnsName): Message {
  return { ...honest, rcode: Rcode.NOERROR, tc: false, answers: [tainted(name)], authorities: [] };
}

/** The truth, and beside it what is none of this server's business. */
function withLies(honest: Message, { zones, plan }: Server): Message {
  // A parent may say what it likes about its children: only other branches are lied about.
  const others = plan.zones.filter(({ apex }) => !zones.some((own) => isRelated(apex, own.apex)));
  const ns = nameOf('ns.taint.').wire;
  const victims = others.slice(0, 3);
  const cuts = victims.map(({ apex }) => {
    return { name: apex, type: RRType.NS, class: 1, ttl: 86_400, rdata: ns };
  });
  const hosts = victims.flatMap(({ apex, servers }) => [
    tainted(nameOf(`www.${apex.toString()}`)),
    ...servers.map(({ name }) => tainted(name)).filter((rr) => rr.name.isSubdomainOf(apex)),
  ]);
  return {
    ...honest,
    answers: honest.answers.length > 0 ? [...honest.answers, ...hosts] : [],
    authorities: [...honest.authorities, ...cuts],
    additionals: [...honest.additionals, ...hosts],
  };
}

function isRelated(one: DnsName, other: DnsName): boolean {
  return one.isSubdomainOf(other) || other.isSubdomainOf(one);
}

/** What a perfect server of these zones says (RFC 1034 §4.3.2). */
function answer({ zones, plan }: Server, query: Message): Message {
  const { name, type } = query.questions[0]!;
  const isDs = type === RRType.DS;
  const zone =
    zones.findLast(({ apex }) => (isDs ? name.isBelow(apex) : name.isSubdomainOf(apex))) ??
    zones.findLast(({ apex }) => name.isSubdomainOf(apex));
  if (!zone) return bare(query, { rcode: Rcode.REFUSED });
  const cut = cutBelow(plan, zone, { name, isDs });
  if (cut) return referral(query, zone, cut);
  const answers: ResourceRecord[] = [];
  let at = name;
  for (let aliases = 0; aliases < 8; aliases++) {
    const finding = findIn(zone, at, type);
    if (finding.kind === 'data') {
      return bare(query, { aa: true, answers: [...answers, ...finding.records] });
    }
    if (finding.kind === 'alias') {
      answers.push(...finding.records);
      at = finding.target;
      const isHere = at.isSubdomainOf(zone.apex) && !cutBelow(plan, zone, { name: at, isDs });
      if (isHere) continue;
      return bare(query, { aa: true, answers });
    }
    const soa = zone.records.filter((rr) => rr.type === RRType.SOA);
    const rcode = finding.kind === 'no name' ? Rcode.NXDOMAIN : Rcode.NOERROR;
    return bare(query, { aa: true, rcode, answers, authorities: soa });
  }
  return bare(query, { aa: true, answers });
}

function cutBelow(
  { zones }: Plan,
  zone: ZonePlan,
  { name, isDs }: { readonly name: DnsName; readonly isDs: boolean },
): ZonePlan | undefined {
  return zones.find(
    ({ apex, parent }) => parent === zone && (isDs ? name.isBelow(apex) : name.isSubdomainOf(apex)),
  );
}

function referral(query: Message, zone: ZonePlan, { apex, servers }: ZonePlan): Message {
  const ns = servers.map(({ name }) => ({
    name: apex,
    type: RRType.NS,
    class: 1,
    ttl: 3600,
    rdata: name.wire,
  }));
  const glue = servers
    .filter(({ name }) => name.isSubdomainOf(apex) && name.isSubdomainOf(zone.apex))
    .map(({ name, address }) => ({
      name,
      type: RRType.A,
      class: 1,
      ttl: 3600,
      rdata: Uint8Array.from(address.split('.'), Number),
    }));
  return bare(query, { authorities: ns, additionals: glue });
}
