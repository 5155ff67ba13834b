/**
 * Numbers that IANA assigned ("Domain Name System (DNS) Parameters"), with their mnemonics.
 * Values stay plain numbers everywhere: an unassigned one is as good as any (RFC 3597).
 */

export const RRType = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  NSAP: 22,
  'NSAP-PTR': 23,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  AAAA: 28,
  LOC: 29,
  NXT: 30,
  EID: 31,
  NIMLOC: 32,
  SRV: 33,
  ATMA: 34,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  A6: 38,
  DNAME: 39,
  SINK: 40,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  NINFO: 56,
  RKEY: 57,
  TALINK: 58,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  DSYNC: 66,
  HHIT: 67,
  BRID: 68,
  SPF: 99,
  UINFO: 100,
  UID: 101,
  GID: 102,
  UNSPEC: 103,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  NXNAME: 128,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
  AVC: 258,
  DOA: 259,
  AMTRELAY: 260,
  RESINFO: 261,
  WALLET: 262,
  CLA: 263,
  IPN: 264,
  TA: 32768,
  DLV: 32769,
} as const;

export const DnsClass = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

export const Opcode = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const;

export const Rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  DSOTYPENI: 11,
  BADVERS: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const;

export const EdnsOption = {
  LLQ: 1,
  NSID: 3,
  DAU: 5,
  DHU: 6,
  N3U: 7,
  CLIENT_SUBNET: 8,
  EXPIRE: 9,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  CHAIN: 13,
  KEY_TAG: 14,
  EDE: 15,
  REPORT_CHANNEL: 18,
  ZONEVERSION: 19,
} as const;

/** Extended DNS error codes (RFC 8914 §5.2). */
export const ExtendedError = {
  OTHER: 0,
  STALE_ANSWER: 3,
  FORGED_ANSWER: 4,
  CACHED_ERROR: 13,
  NOT_READY: 14,
  BLOCKED: 15,
  PROHIBITED: 18,
  STALE_NXDOMAIN_ANSWER: 19,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
} as const;

/**
 * DNSSEC algorithm mnemonics that master files may use (RFC 4034 §A.1 and later additions). Where
 * BIND has its own, that one follows the registry's, and is the one that is printed.
 */
export const DnssecAlgorithm = {
  DELETE: 0,
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  'DSA-NSEC3-SHA1': 6,
  NSEC3DSA: 6,
  'RSASHA1-NSEC3-SHA1': 7,
  NSEC3RSASHA1: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  'ECC-GOST': 12,
  ECCGOST: 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254,
} as const;

/** Service parameter keys (RFC 9460 §14.3.2 and later additions). */
export const SvcParamKey = {
  mandatory: 0,
  alpn: 1,
  'no-default-alpn': 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  dohpath: 7,
  ohttp: 8,
  'tls-supported-groups': 9,
  docpath: 10,
  pvd: 11,
  oots: 12,
} as const;

/** Certificate types (RFC 4398 §2.1). */
export const CertificateType = {
  PKIX: 1,
  SPKI: 2,
  PGP: 3,
  IPKIX: 4,
  ISPKI: 5,
  IPGP: 6,
  ACPKIX: 7,
  IACPKIX: 8,
  URI: 253,
  OID: 254,
} as const;

/** Flags of KEY and DNSKEY by BIND's mnemonics (RFC 2535 §3.1.2), which '|' joins. */
export const KeyFlag: Readonly<Record<string, number>> = {
  NOCONF: 0x4000,
  NOAUTH: 0x8000,
  NOKEY: 0xc000,
  FLAG2: 0x2000,
  EXTEND: 0x1000,
  FLAG4: 0x0800,
  FLAG5: 0x0400,
  USER: 0,
  ZONE: 0x0100,
  HOST: 0x0200,
  NTYP3: 0x0300,
  FLAG8: 0x0080,
  FLAG9: 0x0040,
  FLAG10: 0x0020,
  FLAG11: 0x0010,
  ...Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`SIG${i}`, i])),
};

/** Protocols of KEY (RFC 2535 §3.1.3). */
export const KeyProtocol = { NONE: 0, TLS: 1, EMAIL: 2, DNSSEC: 3, IPSEC: 4, ALL: 255 } as const;

/** Schemes of DSYNC (RFC 9859). */
export const SyncScheme = { NOTIFY: 1 } as const;

/** Protocols in WKS, by the mnemonics of RFC 1010. */
export const IpProtocol = {
  ICMP: 1,
  IGMP: 2,
  GGP: 3,
  ST: 5,
  TCP: 6,
  EGP: 8,
  IGP: 9,
  PUP: 12,
  UDP: 17,
  HMP: 20,
  'XNS-IDP': 22,
  RDP: 27,
} as const;

/** Ports in WKS, by names that the system's list of services gives them everywhere. */
export const ServicePort = {
  TCPMUX: 1,
  RJE: 5,
  ECHO: 7,
  DISCARD: 9,
  SYSTAT: 11,
  DAYTIME: 13,
  NETSTAT: 15,
  QOTD: 17,
  CHARGEN: 19,
  'FTP-DATA': 20,
  FTP: 21,
  SSH: 22,
  TELNET: 23,
  SMTP: 25,
  TIME: 37,
  RLP: 39,
  NAMESERVER: 42,
  WHOIS: 43,
  NICNAME: 43,
  TACACS: 49,
  DOMAIN: 53,
  BOOTPS: 67,
  BOOTPC: 68,
  TFTP: 69,
  GOPHER: 70,
  FINGER: 79,
  HTTP: 80,
  LINK: 87,
  KERBEROS: 88,
  SUPDUP: 95,
  HOSTNAMES: 101,
  'ISO-TSAP': 102,
  'CSNET-NS': 105,
  RTELNET: 107,
  POP2: 109,
  POP3: 110,
  SUNRPC: 111,
  AUTH: 113,
  SFTP: 115,
  'UUCP-PATH': 117,
  NNTP: 119,
  NTP: 123,
  'NETBIOS-NS': 137,
  'NETBIOS-DGM': 138,
  'NETBIOS-SSN': 139,
  IMAP: 143,
  IMAP2: 143,
  SNMP: 161,
  'SNMP-TRAP': 162,
  XDMCP: 177,
  BGP: 179,
  IRC: 194,
  LDAP: 389,
  HTTPS: 443,
  LOGIN: 513,
  SHELL: 514,
  PRINTER: 515,
  SUBMISSION: 587,
  LDAPS: 636,
  IMAPS: 993,
  POP3S: 995,
} as const;

/** 'AAAA' for 28, 'TYPE65280' for a number without mnemonic (RFC 3597 §5). */
export function typeText(type: number): string {
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}

/** The number of 'aaaa', 'AAAA' or 'TYPE28'; undefined when it is none. */
export function parseType(text: string): number | undefined {
  return parseMnemonic(text, TYPE_NUMBERS, 'TYPE');
}

export function classText(dnsClass: number): string {
  return CLASS_NAMES.get(dnsClass) ?? `CLASS${dnsClass}`;
}

export function parseClass(text: string): number | undefined {
  return parseMnemonic(text, CLASS_NUMBERS, 'CLASS');
}

export function rcodeText(rcode: number): string {
  return RCODE_NAMES.get(rcode) ?? `RCODE${rcode}`;
}

export function opcodeText(opcode: number): string {
  return OPCODE_NAMES.get(opcode) ?? `RESERVED${opcode}`;
}

/** Types that are questions only and never stand in a zone (RFC 6895 §3.1). */
export function isMetaType(type: number): boolean {
  return type === RRType.OPT || (type >= 128 && type <= 255) || type === 0;
}

function namesOf(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, value]) => [value, name]));
}

function numbersOf(table: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(table));
}

function parseMnemonic(
  text: string,
  numbers: ReadonlyMap<string, number>,
  prefix: string,
): number | undefined {
  const upper = text.toUpperCase(); // tidy-allow text-case: a mnemonic, not a name
  const known = numbers.get(upper);
  if (known !== undefined) return known;
  if (!upper.startsWith(prefix)) return undefined;
  const digits = upper.slice(prefix.length);
  return /^[0-9]{1,5}$/.test(digits) && Number(digits) <= 0xffff ? Number(digits) : undefined;
}

const TYPE_NAMES = namesOf(RRType);
const TYPE_NUMBERS = numbersOf(RRType);
const CLASS_NAMES = namesOf(DnsClass);
const CLASS_NUMBERS: ReadonlyMap<string, number> = new Map([...numbersOf(DnsClass), ['CS', 2]]);
const RCODE_NAMES = namesOf(Rcode);
const OPCODE_NAMES = namesOf(Opcode);
