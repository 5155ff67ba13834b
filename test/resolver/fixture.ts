/**
 * A small simulated internet: authoritative servers out of zone text, servers that misbehave in
 * scripted ways, and a resolver on a host of its own. All in virtual time.
 */
import { FrameDecoder, frame } from '../../src/net/framing.ts';
import type { Endpoint, Peer } from '../../src/net/ports.ts';
import type { Resolution } from '../../src/resolver/chain.ts';
import {
  createResolver,
  type Resolver,
  type ResolverOptions,
} from '../../src/resolver/resolver.ts';
import type { LinkOptions } from '../../src/sim/link-options.ts';
import { World } from '../../src/sim/world.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { parseType, Rcode, RRType, typeText } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import type { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { namesIn, parseRdata, printRdata } from '../../src/wire/rdata/rdata.ts';
import { splitTokens } from '../../src/wire/rdata/tokens.ts';
import type { Question, ResourceRecord, RRset } from '../../src/wire/record.ts';

const RESOLVER = '203.0.113.1';
export const ROOT = '198.51.100.1';
export const COM = '198.51.100.2';
export const ORG = '198.51.100.3';
export const EXAMPLE = '192.0.2.1';

type Via = 'udp' | 'tcp';
type Reply = Message | Uint8Array;
/** Replies in the order of sending; none at all for silence. */
export type Responder = (query: Message, via: Via) => Reply | readonly Reply[] | undefined;

export interface Received {
  readonly name: string;
  readonly type: string;
  readonly via: Via;
  readonly message: Message;
}

export class Internet {
  readonly world: World;
  readonly resolverHost: SimHost;
  /** What servers were asked, in order, as `address name type`. */
  readonly asked: string[] = [];
  readonly received: Received[] = [];

  constructor(options: { readonly seed?: number; readonly link?: LinkOptions } = {}) {
    this.world = new World({ seed: options.seed ?? 1, link: options.link ?? { delayMs: 10 } });
    this.resolverHost = this.world.host({ name: 'resolver', addresses: [RESOLVER, '2001:db8::1'] });
  }

  async serve(address: string, responder: Responder): Promise<SimHost> {
    const host = this.world.host({ addresses: [address] });
    await this.world.run(this.#listen(host, { address, port: 53 }, responder));
    return host;
  }

  /** Port 53 of the resolver's own address. */
  async serveOnResolver(answer: (query: Message) => Promise<Message>): Promise<void> {
    const { network } = this.resolverHost.runtime;
    const local = { address: RESOLVER, port: 53 };
    const bound = network.bindUdp(local, (datagram, peer) => {
      const kept: Peer = peer.retain();
      const decoded = decodeMessage(new Uint8Array(datagram));
      if (!decoded.ok) throw new Error(decoded.error.reason);
      void answer(decoded.value).then(async (message) =>
        (await bound).send(encodeMessage(message), kept),
      );
      return 0;
    });
    await this.world.run(bound);
  }

  resolver(options: Partial<ResolverOptions> = {}): Resolver {
    return createResolver({
      runtime: this.resolverHost.runtime,
      rootHints: [{ name: nameOf('a.root.'), addresses: [ROOT] }],
      // Containers allocate their slots at once, which costs time.
      cacheLimits: { recordOctets: 1e6, negativeOctets: 1e6, delegationOctets: 1e6 },
      // Responders compare names as text.
      randomCase: false,
      priming: false,
      ...options,
    });
  }

  /** Resolves and gives the outcome as text, see `show`. */
  async ask(resolver: Resolver, name: string, type = 'A'): Promise<string> {
    return show(await this.resolve(resolver, name, type));
  }

  resolve(resolver: Resolver, name: string, type = 'A'): Promise<Resolution> {
    return this.world.run(resolver.resolve(questionOf(name, type)));
  }

  /** What was asked since the last call. */
  takeAsked(): readonly string[] {
    return this.asked.splice(0);
  }

  /** What the resolver's host holds open. */
  get leftOpen(): number {
    const { timers, udpSockets, connections, listeners } = this.resolverHost.pending;
    return timers + udpSockets + connections + listeners;
  }

  async #listen(host: SimHost, local: Endpoint, responder: Responder): Promise<void> {
    const { network } = host.runtime;
    const answer = (octets: Uint8Array, via: Via): readonly Uint8Array[] => {
      const decoded = decodeMessage(new Uint8Array(octets));
      if (!decoded.ok) throw new Error(decoded.error.reason);
      this.#note(local.address, decoded.value, via);
      const replies = responder(decoded.value, via) ?? [];
      return (isList(replies) ? replies : [replies]).map((one) =>
        one instanceof Uint8Array ? one : encodeMessage(one),
      );
    };
    const socket = await network.bindUdp(local, (datagram, peer) => {
      const kept: Peer = peer.retain();
      for (const octets of answer(datagram, 'udp')) socket.send(octets, kept);
      return 0;
    });
    await network.listenTcp(local, (connection) => {
      const frames = new FrameDecoder();
      connection.start({
        onData: (bytes) => {
          for (const octets of frames.decode(bytes)) {
            for (const one of answer(octets, 'tcp')) connection.write(frame(one));
          }
        },
        onEnd: () => connection.end(),
        onDrain: () => {},
        onClose: () => {},
      });
    });
  }

  #note(address: string, message: Message, via: Via): void {
    const { name, type } = message.questions[0]!;
    const asked = { name: name.toString(), type: typeText(type), via, message };
    this.received.push(asked);
    this.asked.push(`${address} ${asked.name} ${asked.type}${via === 'tcp' ? ' tcp' : ''}`);
  }
}

function isList(replies: Reply | readonly Reply[]): replies is readonly Reply[] {
  return Array.isArray(replies);
}

export function questionOf(name: string, type = 'A'): Question {
  return { name: nameOf(name), type: parseType(type)!, class: 1 };
}

/** Lines of `owner TTL type rdata`, owners relative to `origin`. */
export function records(text: string, origin = '.'): ResourceRecord[] {
  const root = nameOf(origin);
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [owner, ttl, type, ...rest] = line.split(/\s+/);
      const number = parseType(type!)!;
      const rdata = parseRdata(number, splitTokens(rest.join(' ')), root);
      if (!rdata.ok) throw new Error(`${line}: ${rdata.error.message}`);
      const name = nameOf(owner!, root);
      return { name, type: number, class: 1, ttl: Number(ttl), rdata: rdata.value };
    });
}

/** A reply to `query` with its id and question. */
export function reply(query: Message, parts: Partial<Message>): Message {
  const { id, questions } = query;
  return createMessage({ id, questions, qr: true, ...parts });
}

/** Answers as an authoritative server does (RFC 1034 §4.3.2, without wildcards). */
export function zone(origin: string, text: string): Responder {
  const apex = nameOf(origin);
  const all = records(text, origin);
  return (query) => reply(query, lookUp(all, apex, query.questions[0]!));
}

/** The responder whose zone is the closest to the name. */
export function zones(list: Readonly<Record<string, string>>): Responder {
  const served = Object.entries(list)
    .map(([origin, text]) => ({ apex: nameOf(origin), respond: zone(origin, text) }))
    .toSorted((a, b) => b.apex.labelCount - a.apex.labelCount);
  return (query, via) => {
    const { name } = query.questions[0]!;
    const found = served.find(({ apex }) => name.isSubdomainOf(apex));
    return found ? found.respond(query, via) : reply(query, { rcode: Rcode.REFUSED });
  };
}

function lookUp(
  all: readonly ResourceRecord[],
  apex: DnsName,
  { name, type }: Question,
): Partial<Message> {
  if (!name.isSubdomainOf(apex)) return { rcode: Rcode.REFUSED };
  const cut = all.find(
    (rr) => rr.type === RRType.NS && rr.name.isBelow(apex) && name.isSubdomainOf(rr.name),
  );
  if (cut) return referral(all, cut.name);
  const answers: ResourceRecord[] = [];
  let at = name;
  for (let aliases = 0; ; aliases++) {
    const here = all.filter((rr) => rr.name.equals(at));
    const wanted = here.filter((rr) => rr.type === type || type === RRType.ANY);
    if (wanted.length > 0) return { aa: true, answers: [...answers, ...wanted] };
    const alias = here.find((rr) => rr.type === RRType.CNAME);
    if (alias) {
      answers.push(alias);
      at = namesIn(RRType.CNAME, alias.rdata)[0]!;
      if (at.isSubdomainOf(apex) && aliases < 20) continue;
      return { aa: true, answers };
    }
    const soa = all.filter((rr) => rr.type === RRType.SOA);
    const exists = all.some((rr) => rr.name.isSubdomainOf(at));
    const rcode = exists ? Rcode.NOERROR : Rcode.NXDOMAIN;
    return { aa: true, rcode, answers, authorities: soa };
  }
}

function referral(all: readonly ResourceRecord[], cut: DnsName): Partial<Message> {
  const authorities = all.filter((rr) => rr.type === RRType.NS && rr.name.equals(cut));
  const targets = authorities.map((rr) => namesIn(RRType.NS, rr.rdata)[0]!);
  const additionals = all.filter(
    (rr) =>
      (rr.type === RRType.A || rr.type === RRType.AAAA) &&
      targets.some((target) => target.equals(rr.name)),
  );
  return { authorities, additionals };
}

/** `NOERROR: www.example.com. 300 A 192.0.2.80; …`, `NXDOMAIN / example.com. 60 SOA …`. */
export function show(resolution: Resolution): string {
  if (resolution.kind === 'failure') return `failure: ${resolution.text}`;
  const names = new Map(Object.entries(Rcode).map(([name, value]) => [value, name]));
  const rcode = names.get(resolution.rcode as (typeof Rcode)['NOERROR'])!;
  const answers = resolution.answers.map(showRRset).join('; ');
  const authorities = resolution.authorities.map(showRRset).join('; ');
  const parts = [answers && `: ${answers}`, authorities && ` / ${authorities}`];
  return rcode + parts.filter((part) => part !== '').join('');
}

export function showRRset({ name, type, ttl, rdatas }: RRset): string {
  const texts = rdatas.map((rdata) => printRdata(type, rdata)).join(' + ');
  return `${name.toString()} ${ttl} ${typeText(type)} ${texts}`;
}

/** The root, com, org, and example.com: three servers deep. */
export async function plainInternet(
  options: { readonly seed?: number; readonly link?: LinkOptions } = {},
): Promise<Internet> {
  const internet = new Internet(options);
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(ORG, zone('org.', ORG_ZONE));
  await internet.serve(EXAMPLE, zones({ 'example.com.': EXAMPLE_ZONE, 'alias.org.': ALIAS_ZONE }));
  return internet;
}

export const ROOT_ZONE: string = `
  .       86400  SOA  a.root. hostmaster. 1 1800 900 604800 86400
  .       86400  NS   a.root.
  a.root. 86400  A    ${ROOT}
  com.    86400  NS   ns.com.
  ns.com. 86400  A    ${COM}
  org.    86400  NS   ns.org.
  ns.org. 86400  A    ${ORG}
`;

export const COM_ZONE: string = `
  @           900  SOA  ns hostmaster 1 1800 900 604800 900
  @           3600 NS   ns
  ns          3600 A    ${COM}
  example     3600 NS   ns.example
  ns.example  3600 A    ${EXAMPLE}
  glueless    3600 NS   ns.alias.org.
`;

export const ORG_ZONE: string = `
  @        900  SOA  ns hostmaster 1 1800 900 604800 900
  @        3600 NS   ns
  ns       3600 A    ${ORG}
  alias    3600 NS   ns.alias
  ns.alias 3600 A    ${EXAMPLE}
`;

export const EXAMPLE_ZONE: string = `
  @      3600 SOA   ns hostmaster 1 1800 900 604800 60
  @      3600 NS    ns
  ns     3600 A     ${EXAMPLE}
  www    300  A     192.0.2.80
  zero   0    A     192.0.2.81
  far    300  CNAME www.alias.org.
  near   300  CNAME www
  gone   300  CNAME nothing.alias.org.
  loop   300  CNAME loop2
  loop2  300  CNAME loop
`;

export const ALIAS_ZONE: string = `
  @   3600 SOA   ns hostmaster 1 1800 900 604800 60
  @   3600 NS    ns
  ns  3600 A     ${EXAMPLE}
  www 300  A     192.0.2.90
`;
