/**
 * What one invocation of ts-dig is asked to do, as the command line builds it: lookups, each with
 * its own settings, and what is global to all of them. Which settings are global is dig's choice.
 */

import type { Family } from '../net/address.ts';
import type { EdnsOptionValue } from '../wire/edns.ts';
import { DnsClass, Opcode, RRType } from '../wire/iana.ts';

/** 'tls' is RFC 7858, 'https' RFC 8484, 'http' the latter without TLS. */
export type Transport = 'udp' | 'tcp' | 'tls' | 'https' | 'http';

/** How the server of 'tls' and 'https' proves who it is, and we to it. */
export interface TlsSettings {
  /** Refuse a server whose certificate does not prove its name (RFC 8310 §5). */
  readonly isStrict: boolean;
  /** Certificates of authorities to trust; undefined: the system's. */
  readonly caFile: string | undefined;
  /** The name to be proven; undefined: what stood behind '@'. */
  readonly hostName: string | undefined;
  /** Certificate chain and key of the client, PEM: both or neither. */
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
}

export interface HttpsSettings {
  /** Begins with '/'. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
}

/** EDNS client subnet (RFC 7871). */
export interface ClientSubnet {
  /** IANA's number of the address family: 1 or 2. */
  readonly family: number;
  readonly prefixLength: number;
  /** As many octets as the prefix has, rounded up, with the rest of the last one clear. */
  readonly address: Uint8Array;
}

/** How a question is asked and which parts of its reply are shown. */
export interface Settings {
  readonly type: number;
  /** Whether `type` was named, so that a second one is worth a warning. */
  readonly isTypeNamed: boolean;
  readonly class: number;
  readonly isClassNamed: boolean;
  /** What the client has, of a zone whose changes are asked for (IXFR). */
  readonly ixfrSerial: number;
  /** What stood behind each '@': addresses or names, perhaps with '#port'. Empty: the system's. */
  readonly servers: readonly string[];

  /** What asks; a truncated reply to 'udp' is asked for again over 'tcp'. */
  readonly transport: Transport;
  readonly tls: TlsSettings;
  readonly https: HttpsSettings;

  readonly opcode: number;
  /** Undefined: a random one. */
  readonly id: number | undefined;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  readonly z: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
  /** Sends no question. */
  readonly headerOnly: boolean;

  /** Undefined: no EDNS, unless something below needs it. */
  readonly ednsVersion: number | undefined;
  /** Asks again with the version that a server names in BADVERS (RFC 6891 §6.1.3). */
  readonly negotiatesEdns: boolean;
  /** Undefined: the default. A value asks for EDNS. */
  readonly udpPayloadSize: number | undefined;
  readonly dnssecOk: boolean;
  /** CO: takes compact denials of existence (RFC 9824). */
  readonly compactOk: boolean;
  /** Further flag bits, in their places. */
  readonly ednsFlags: number;
  /** Asks for the server's identifier (RFC 5001). */
  readonly nsid: boolean;
  /** Sends a cookie (RFC 7873): `cookie`, or one of our own. */
  readonly sendsCookie: boolean;
  readonly cookie: Uint8Array | undefined;
  readonly subnet: ClientSubnet | undefined;
  /** Asks when a secondary's zone expires (RFC 7314). */
  readonly expire: boolean;
  /** Asks how long a connection may stay open (RFC 7828). */
  readonly keepalive: boolean;
  /** Octets of a block to which a query is padded (RFC 7830); 0: none. */
  readonly padding: number;
  readonly ednsOptions: readonly EdnsOptionValue[];
  /** Asks how the server comes to its answer (`wire/explanation.ts`). */
  readonly explains: boolean;

  /** Shows a truncated reply instead of asking again over TCP. */
  readonly ignoresTruncation: boolean;
  /** Asks again with the server's cookie after BADCOOKIE (RFC 7873 §5.3). */
  readonly retriesBadCookie: boolean;
  readonly showsBadCookie: boolean;
  /** Shows what can be read of a malformed message. */
  readonly isBestEffort: boolean;
  /** Takes SERVFAIL for an answer, instead of asking the next server. */
  readonly stopsAtServfail: boolean;
  /** Attempts in all, at least one. */
  readonly tries: number;
  readonly trace: boolean;
  /** Undefined: each reply, as dig; 'steps': what each came to; 'dot': a graph for Graphviz. */
  readonly traceForm: 'steps' | 'dot' | undefined;
  /** Asks again and again, with so many seconds between, and says what changes. */
  readonly watchSeconds: number | undefined;
  /** Asks all servers at the same time, and marks where they differ. */
  readonly compares: boolean;
  /** Shows below a reply how long each RRset may be kept. */
  readonly ttlBars: boolean;
  /** Asks every server of the name's zone for its SOA. */
  readonly nsSearch: boolean;
  /** Prints the prefixes of NAT64 that the answer for 'ipv4only.arpa' shows (RFC 7050). */
  readonly dns64Prefix: boolean;
  /** Turns names in Unicode into A-labels, and back (RFC 5891). */
  readonly idnIn: boolean;
  readonly idnOut: boolean;

  /** Shows the query too. */
  readonly showsQuery: boolean;
  readonly showsQuestion: boolean;
  readonly showsAnswer: boolean;
  readonly showsAuthority: boolean;
  readonly showsAdditional: boolean;
  readonly showsComments: boolean;
  readonly showsStats: boolean;
  readonly showsTtl: boolean;
  readonly showsClass: boolean;
  /** Keys and signatures; else '[omitted]'. */
  readonly showsCrypto: boolean;
  readonly multiline: boolean;
  /** Undefined: with `multiline`. */
  readonly recordComments: boolean | undefined;
  /** Shows TTLs as '1h30m'. */
  readonly ttlUnits: boolean;
  /** Shows all data in the form of RFC 3597. */
  readonly unknownFormat: boolean;
  readonly expandsAaaa: boolean;
  /** Shows only the first SOA of a transfer. */
  readonly oneSoa: boolean;
  /** Says which server sent each reply, where there are no statistics. */
  readonly identifies: boolean;
  /** Shows times in microseconds. */
  readonly microseconds: boolean;
}

export interface Globals {
  /** Undefined: the transport's own (`portFor`). */
  readonly port: number | undefined;
  readonly family: Family | undefined;
  readonly localAddress: string | undefined;
  /** 0: any. */
  readonly localPort: number;
  /** Undefined: 5 s for a datagram, 10 s on a connection (`timeoutFor`). */
  readonly timeoutMs: number | undefined;
  /** The key that signs queries (RFC 8945), as `-y` or `-k` gave it. */
  readonly key: KeySource | undefined;
  /** Asks over the connection of the question before, where there is one. */
  readonly keepOpen: boolean;
  /** Names of a batch file that may be under way at once; undefined: as many as usual. */
  readonly parallel: number | undefined;
  /** Prints the banner. */
  readonly showsCommand: boolean;
  readonly short: boolean;
  readonly yaml: boolean;
  readonly json: boolean;
  /** Width of the pieces of hexadecimal and base64; 0: unbroken; undefined: the default. */
  readonly splitWidth: number | undefined;
  /** A name with fewer dots is looked for under the domains of the search list first. */
  readonly ndots: number;
  readonly usesSearchList: boolean;
  readonly showsSearch: boolean;
  /** Instead of the search list of `/etc/resolv.conf`. */
  readonly domain: string | undefined;
}

/** 'text' is `[algorithm:]name:secret`. */
export type KeySource =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string };

export interface Lookup {
  /** As it was typed: `name-search.ts` makes names of it. */
  readonly name: string;
  readonly settings: Settings;
  /** What the banner says above the first reply; undefined: there is none. */
  readonly greeting: Greeting | undefined;
}

/** As things stood when the name was read: dig's habit. */
export interface Greeting {
  /** Of the whole run: it tells the number of servers, and the global options. */
  readonly isFirst: boolean;
  readonly isShort: boolean;
  /** The words of the command line, or of the line of a batch file. */
  readonly words: readonly string[];
  /** The last '@server' that had been read: the number of its addresses is told. */
  readonly server: string | undefined;
}

export const defaultSettings: Settings = {
  type: RRType.A,
  isTypeNamed: false,
  class: DnsClass.IN,
  isClassNamed: false,
  ixfrSerial: 0,
  servers: [],
  transport: 'udp',
  tls: {
    isStrict: false,
    caFile: undefined,
    hostName: undefined,
    certificateFile: undefined,
    keyFile: undefined,
  },
  https: { path: '/dns-query', method: 'POST' },
  opcode: Opcode.QUERY,
  id: undefined,
  aa: false,
  tc: false,
  rd: true,
  ra: false,
  z: false,
  ad: true,
  cd: false,
  headerOnly: false,
  ednsVersion: 0,
  negotiatesEdns: true,
  udpPayloadSize: undefined,
  dnssecOk: false,
  compactOk: false,
  ednsFlags: 0,
  nsid: false,
  sendsCookie: true,
  cookie: undefined,
  subnet: undefined,
  expire: false,
  keepalive: false,
  padding: 0,
  ednsOptions: [],
  explains: false,
  ignoresTruncation: false,
  retriesBadCookie: true,
  showsBadCookie: false,
  isBestEffort: true,
  stopsAtServfail: true,
  tries: 3,
  trace: false,
  traceForm: undefined,
  watchSeconds: undefined,
  compares: false,
  ttlBars: false,
  nsSearch: false,
  dns64Prefix: false,
  idnIn: false,
  idnOut: false,
  showsQuery: false,
  showsQuestion: true,
  showsAnswer: true,
  showsAuthority: true,
  showsAdditional: true,
  showsComments: true,
  showsStats: true,
  showsTtl: true,
  showsClass: true,
  showsCrypto: true,
  multiline: false,
  recordComments: undefined,
  ttlUnits: false,
  unknownFormat: false,
  expandsAaaa: false,
  oneSoa: false,
  identifies: false,
  microseconds: false,
};

export const defaultGlobals: Globals = {
  port: undefined,
  family: undefined,
  localAddress: undefined,
  localPort: 0,
  timeoutMs: undefined,
  key: undefined,
  keepOpen: false,
  parallel: undefined,
  showsCommand: true,
  short: false,
  yaml: false,
  json: false,
  splitWidth: undefined,
  ndots: 1,
  usesSearchList: false,
  showsSearch: false,
  domain: undefined,
};

/** How long a reply is waited for. */
export function timeoutFor(
  { timeoutMs }: Pick<Globals, 'timeoutMs'>,
  transport: Transport,
): number {
  return timeoutMs ?? (transport === 'udp' ? 5000 : 10_000);
}

/** Where servers listen for `transport` (RFC 1035 §4.2, RFC 7858 §3.1, RFC 8484 §8.1). */
export function portFor({ port }: Pick<Globals, 'port'>, transport: Transport): number {
  return port ?? PORTS[transport];
}

const PORTS: Readonly<Record<Transport, number>> = {
  udp: 53,
  tcp: 53,
  tls: 853,
  https: 443,
  http: 80,
};
