/** What the scripted server says to each name: well-formed answers of all kinds, and others. */
import { decodeMessage } from '../../../src/wire/decode.ts';
import type { Edns } from '../../../src/wire/edns.ts';
import { encodeMessage } from '../../../src/wire/encode.ts';
import { parseClass, parseType, RRType } from '../../../src/wire/iana.ts';
import { createMessage, type Message } from '../../../src/wire/message.ts';
import { DnsName } from '../../../src/wire/name.ts';
import { nameOf } from '../../../src/wire/name-text.ts';
import { parseRdata } from '../../../src/wire/rdata/rdata.ts';
import { splitTokens } from '../../../src/wire/rdata/tokens.ts';
import type { ResourceRecord } from '../../../src/wire/record.ts';
import type { Answer, Said, Transport } from './server.ts';
import { TYPES } from './types.ts';

/** What is said, given the query. */
type Script = (query: Message, transport: Transport, octets: Uint8Array) => Said | undefined;

const MAX_OCTETS = 65_535;

/** 'www.t. 300 IN A 192.0.2.1'; class IN may be left out. */
function record(line: string): ResourceRecord {
  const words = line.split(' ');
  const [owner = '', ttl = '0', ...rest] = words;
  const dnsClass = parseClass(rest[0] ?? '');
  const [typeName = '', ...data] = dnsClass === undefined ? rest : rest.slice(1);
  const type = parseType(typeName) ?? RRType.NULL;
  return {
    name: nameOf(owner),
    type,
    class: dnsClass ?? 1,
    ttl: Number(ttl),
    rdata: rdataOf(type, data.join(' ')),
  };
}

/** '\\# 3 010203' need not have the form of the type. */
function rdataOf(type: number, text: string): Uint8Array {
  const hex = /^\\# [0-9]+ ?(.*)$/.exec(text)?.[1];
  if (hex !== undefined) return Uint8Array.from(Buffer.from(hex, 'hex'));
  const rdata = parseRdata(type, splitTokens(text));
  if (!rdata.ok) throw new Error(`${text}: ${rdata.error.message}`);
  return rdata.value;
}

function records(lines: readonly string[] = []): readonly ResourceRecord[] {
  return lines.map(record);
}

interface Parts extends Partial<Omit<Message, 'answers' | 'authorities' | 'additionals' | 'edns'>> {
  readonly edns?: Edns | undefined;
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

const plain: Edns = { udpPayloadSize: 1232, version: 0, dnssecOk: false, flags: 0, options: [] };

function encode(query: Message, parts: Parts, transport: Transport): Uint8Array {
  const { answers, authorities, additionals, edns: _, ...rest } = parts;
  const { id, rd, opcode, questions, edns } = query;
  const given = ednsOf(parts, edns);
  const message = createMessage({
    id,
    qr: true,
    opcode,
    rd,
    ra: true,
    questions,
    ...rest,
    ...(given && { edns: given }),
    answers: records(answers),
    authorities: records(authorities),
    additionals: records(additionals),
  });
  const whole = encodeMessage(message, MAX_OCTETS);
  const limit = edns ? Math.max(512, edns.udpPayloadSize) : 512;
  if (transport === 'tcp' || whole.length <= limit) return whole;
  return encodeMessage(
    { ...message, tc: true, answers: [], authorities: [], additionals: [] },
    MAX_OCTETS,
  );
}

/** An answer has EDNS when the query had it, unless it says otherwise. */
function ednsOf(parts: Parts, asked: Edns | undefined): Edns | undefined {
  if ('edns' in parts) return parts.edns;
  return asked && { ...plain, dnssecOk: asked.dnssecOk };
}

/** A well-formed answer. */
function says(parts: Parts | ((query: Message) => Parts)): Script {
  return (query, transport) => ({
    messages: [encode(query, typeof parts === 'function' ? parts(query) : parts, transport)],
  });
}

/** Changed octets of a well-formed answer. */
function mangled(change: (octets: Uint8Array) => Uint8Array, parts: Parts = {}): Script {
  return (query, transport) => ({ messages: [change(encode(query, parts, transport))] });
}

function option(code: number, hex: string): Parts {
  const data = Uint8Array.from(Buffer.from(hex, 'hex'));
  return { edns: { ...plain, options: [{ code, data }] } };
}

const SOA = 't. 3600 SOA ns.t. host\\.master.t. 2024010100 7200 3600 1209600 300';
function soaOf(label: string): string {
  return `${label}.${SOA}`;
}

/** Names of NSEC3 records are hashes, as dig sees to. */
const HASH = '2vptu5timamqttgl4luu9kg21e0aor3s.t.';

function ownerOf(type: string, owner: string): string {
  return type === 'nsec3' ? HASH : owner;
}

function ofType(type: string): Script {
  const owner = ownerOf(type, `${type}.t.`);
  const data = TYPES[type] ?? [];
  return says({ answers: data.map((text) => `${owner} 3600 ${type} ${text}`) });
}

const COOKIE = 10;

/** The client's cookie with one of the server's, as RFC 7873 has it. */
function echoCookie({ edns }: Message, server = '0123456789abcdef', rcode = 0): Parts {
  const sent = edns?.options.find(({ code }) => code === COOKIE)?.data.subarray(0, 8);
  return { ...option(COOKIE, Buffer.from(sent ?? []).toString('hex') + server), rcode };
}

/** What is one address to the C library. */
const TWICE = ['127.0.0.1.', '127.1.'];

/** A zone with these servers, which say `soa` when they are asked for that. */
function searched(
  label: string,
  servers: readonly string[],
  soa: (label: string) => Parts,
): Script {
  const answers = servers.map((server) => `${label}.t. 60 NS ${server}`);
  return says(({ questions }) => (questions[0]?.type === RRType.NS ? { answers } : soa(label)));
}

const transfer = (lines: readonly string[]): Parts => ({ answers: lines });

/** By the first label of the name. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  ...Object.fromEntries(Object.keys(TYPES).map((type) => [type, ofType(type)])),
  www: says({
    answers: ['www.t. 300 A 192.0.2.1', 'www.t. 300 A 192.0.2.2'],
    authorities: ['t. 86400 NS ns.t.'],
    additionals: ['ns.t. 86400 A 192.0.2.53', 'ns.t. 86400 AAAA 2001:db8::53'],
  }),
  everything: says({
    answers: Object.entries(TYPES).flatMap(([type, data]) =>
      data.map(
        (text, i) => `${ownerOf(type, 'everything.t.')} ${i * 3661 + 90_061} ${type} ${text}`,
      ),
    ),
  }),
  alias: says({ answers: ['alias.t. 60 CNAME www.t.', 'www.t. 300 A 192.0.2.1'] }),
  nodata: says({ authorities: [SOA] }),
  nx: says({ rcode: 3, authorities: [SOA] }),
  servfail: says({ rcode: 2 }),
  refused: says({ rcode: 5 }),
  formerr: says({ rcode: 1, edns: undefined }),
  notimp: says({ rcode: 4, edns: undefined }),
  yxdomain: says({ rcode: 6 }),
  notauth: says({ rcode: 9 }),
  rcode11: says({ rcode: 11 }),
  rcode17: says({ rcode: 17, edns: plain }),
  rcode20: says({ rcode: 20, edns: plain }),
  rcode3841: says({ rcode: 3841, edns: plain }),
  badvers: says(({ edns }) => (edns?.version === 0 ? {} : { rcode: 16, edns: plain })),
  flags: says({ aa: true, z: true, ad: true, cd: true, ra: false }),
  noedns: says({ edns: undefined }),
  silent: () => undefined,
  cut: (query, transport) =>
    transport === 'udp'
      ? says({ tc: true })(query, transport, new Uint8Array(0))
      : says({ answers: ['cut.t. 1 TXT "whole"'] })(query, transport, new Uint8Array(0)),
  cuthalf: (query, transport) =>
    says({ tc: transport === 'udp', answers: ['cuthalf.t. 1 A 192.0.2.1'] })(
      query,
      transport,
      new Uint8Array(0),
    ),
  // As a server does that cuts in the middle of a record.
  cutmid: (query, transport) => {
    const octets = encode(
      query,
      { tc: true, answers: ['cutmid.t. 1 TXT "cut in the middle"'] },
      'tcp',
    );
    return { messages: [transport === 'udp' ? octets.slice(0, -30) : octets] };
  },
  big: says({
    answers: Array.from({ length: 60 }, (_, i) => `big.t. 60 TXT "${i} ${'-'.repeat(80)}"`),
  }),
  referral: says({
    ra: false,
    authorities: ['kid.t. 3600 NS ns.kid.t.'],
    additionals: ['ns.kid.t. 3600 A 192.0.2.9'],
  }),
  escapes: says({
    answers: [
      'a\\.b.\\000\\001\\255.\\@\\$\\;\\(\\).t. 5 A 192.0.2.1',
      '\\"q\\".UPPER.t. 5 PTR \\032sp\\ ace.t.',
      '*._tcp.t. 5 NS .',
    ],
  }),
  evil: says({
    answers: [
      '\\027[31m.t. 5 TXT "\\027[2J\\007\\155" "\\226\\128\\174"',
      'evil.t. 5 HINFO "\\013\\010" "\\009"',
    ],
  }),
  idn: says({
    answers: [
      'idn.t. 5 CNAME xn--bcher-kva.t.',
      'xn--bcher-kva.t. 5 MX 1 mail.xn--nxasmq6b.t.',
      'xn--nxasmq6b.t. 5 NS xn--bcher-kva.t.',
    ],
  }),
  many: says({
    answers: Array.from(
      { length: 12 },
      (_, i) => `${'x'.repeat(i * 3 + 1)}.t. ${10 ** (i % 10)} A 192.0.2.${i}`,
    ),
  }),
  classes: says({
    answers: [
      'classes.t. 0 CH TXT "chaos"',
      'classes.t. 0 HS TXT "hs"',
      'classes.t. 0 CLASS7 TXT "seven"',
      'classes.t. 0 CH TYPE65281 \\# 3 016100',
      'classes.t. 0 ANY TYPE65281 \\# 0',
    ],
  }),
  version: says({
    answers: ['version.bind. 0 CH TXT "9.9.9"'],
    authorities: ['version.bind. 0 CH NS version.bind.'],
  }),
  nsid: says(option(3, '6e7369642d31')),
  nsidbinary: says(option(3, '00ff1b5b')),
  nsidempty: says(option(3, '')),
  ecs: says(option(8, '00011800c00002')),
  ecs6: says(option(8, '0002203020010db8')),
  ecsbad: says(option(8, '00031800c00002')),
  expire: says(option(9, '00127500')),
  keepalive: says(option(11, '0078')),
  padded: says(option(12, '0000000000')),
  chain: says(option(13, '0174 00'.replace(' ', ''))),
  keytag: says(option(14, '4f664a5c')),
  ede: says(option(15, '0016')),
  edetext: says(option(15, '0006' + Buffer.from('bad signature \u001b[31m').toString('hex'))),
  ede49152: says(option(15, 'c000')),
  edeshort: says(option(15, '00')),
  ede30: says(option(15, '001e')),
  llq: says(option(1, '000100010000000000000000000000000e10')),
  updatelease: says(option(2, '00000e10')),
  dau: says(option(5, '080d0f')),
  dhu: says(option(6, '0102')),
  n3u: says(option(7, '01')),
  clienttag: says(option(16, '0102')),
  servertag: says(option(17, '0304')),
  reportchannel: says(option(18, '03612a0174 00'.replace(' ', ''))),
  unknownoption: says(option(65_001, 'c0ffee')),
  emptyoption: says(option(65_002, '')),
  manyoptions: says({
    edns: {
      ...plain,
      options: [3, 15, 65_001, 12, 8].map((code) => ({ code, data: Uint8Array.of(0, 1, 65) })),
    },
  }),
  ednsflags: says({ edns: { ...plain, dnssecOk: true, flags: 0x4123 } }),
  ednsversion: says({ edns: { ...plain, version: 3 } }),
  cookie: says((query) => echoCookie(query)),
  badcookie: says((query) => {
    const sent = query.edns?.options.find(({ code }) => code === COOKIE)?.data.length ?? 0;
    return echoCookie(query, '0123456789abcdef', sent > 8 ? 0 : 23);
  }),
  badcookiealways: (query, transport, octets) =>
    says(echoCookie(query, '0123456789abcdef', transport === 'udp' ? 23 : 0))(
      query,
      transport,
      octets,
    ),
  wrongcookie: says(option(COOKIE, '00000000000000000123456789abcdef')),
  shortcookie: says(option(COOKIE, '0000')),
  // Lies and garbage.
  wrongid: mangled((octets) => octets.with(0, octets[0]! ^ 0xff)),
  wrongidthenright: (query, transport) => {
    const right = encode(query, { answers: ['wrongidthenright.t. 1 A 192.0.2.1'] }, transport);
    return { messages: [right.with(0, right[0]! ^ 0xff), right] };
  },
  notresponse: mangled((octets) => octets.with(2, octets[2]! & 0x7f)),
  wrongopcode: says({ opcode: 4 }),
  wrongquestion: says({
    questions: [{ name: nameOf('other.t.'), type: 1, class: 1 }],
    answers: ['other.t. 1 A 192.0.2.1'],
  }),
  wrongtype: says(({ questions }) => ({
    questions: questions.map((asked) => ({ name: asked.name, type: 28, class: asked.class })),
  })),
  noquestion: says({ questions: [] }),
  twoquestions: says(({ questions }) => ({ questions: [...questions, ...questions] })),
  othercase: says({ questions: [{ name: nameOf('OtherCase.T.'), type: 1, class: 1 }] }),
  empty: () => ({ messages: [Uint8Array.of()] }),
  short: () => ({ messages: [Uint8Array.of(1, 2, 3)] }),
  header: mangled((octets) => octets.slice(0, 12)),
  halfrecord: mangled((octets) => octets.slice(0, -20), {
    answers: ['halfrecord.t. 1 A 192.0.2.1'],
  }),
  badname: mangled((octets) => octets.with(12, 0x80)),
  loop: mangled((octets) => {
    const changed = octets.slice();
    changed.set([0xc0, 0x0c], 12);
    return changed;
  }),
  shorta: says({ answers: ['shorta.t. 1 TYPE1 \\# 3 010203'] }),
  shortmx: says({ answers: ['shortmx.t. 1 MX \\# 2 0001'] }),
  extra: mangled((octets) => Uint8Array.from([...octets, 1, 2, 3])),
  extraone: mangled((octets) => Uint8Array.from([...octets, 1])),
  zeros: () => ({ messages: [new Uint8Array(40)] }),
  ff: ({ id }) => ({
    messages: [Uint8Array.from([id >> 8, id & 0xff, ...new Uint8Array(60).fill(0xff)])],
  }),
  closes: (_query, transport) => (transport === 'tcp' ? { close: 'end' } : undefined),
  resets: (_query, transport) => (transport === 'tcp' ? { close: 'reset' } : undefined),
  halfframe: (_query, transport) =>
    transport === 'tcp' ? { raw: Uint8Array.of(0, 100, 1, 2, 3), close: 'end' } : undefined,
  zeroframe: (_query, transport) =>
    transport === 'tcp' ? { raw: Uint8Array.of(0, 0), close: 'end' } : undefined,
  // Transfers.
  dohpath: says({ answers: ['dohpath.t. 1 SVCB 1 . dohpath="/q{?dns}"'] }),
  zone: says(({ questions }) =>
    questions[0]?.type === RRType.AXFR
      ? transfer([
          soaOf('zone'),
          't. 3600 NS ns.t.',
          'ns.t. 3600 A 192.0.2.53',
          'x.t. 60 TXT "x"',
          soaOf('zone'),
        ])
      : { answers: [soaOf('zone')] },
  ),
  zoneinparts: (query, transport) => ({
    messages: [
      [soaOf('zoneinparts')],
      ['t. 3600 NS ns.t.', 'ns.t. 60 A 192.0.2.53'],
      ['x.t. 60 TXT "x"', soaOf('zoneinparts')],
    ].map((lines) => encode(query, transfer(lines), transport)),
  }),
  zonerefused: says({ rcode: 5 }),
  zonenotsoa: says(transfer(['x.t. 60 A 192.0.2.1', soaOf('zonenotsoa')])),
  zonecut: (query, transport) => ({
    messages: [encode(query, transfer([soaOf('zonecut'), 'x.t. 60 A 192.0.2.1']), transport)],
    close: 'end',
  }),
  changes: says(
    transfer([
      'changes.t. 60 SOA . . 3 1 1 1 1',
      'changes.t. 60 SOA . . 1 1 1 1 1',
      'gone.t. 60 A 192.0.2.1',
      'changes.t. 60 SOA . . 3 1 1 1 1',
      'new.t. 60 A 192.0.2.2',
      'changes.t. 60 SOA . . 3 1 1 1 1',
    ]),
  ),
  uptodate: says(transfer(['uptodate.t. 60 SOA . . 3 1 1 1 1'])),
  wholezone: says(
    transfer([
      'wholezone.t. 60 SOA . . 3 1 1 1 1',
      'x.t. 60 A 192.0.2.1',
      'wholezone.t. 60 SOA . . 3 1 1 1 1',
    ]),
  ),
  // +nssearch. An address for a name, so that both programs find it without asking anybody.
  nsone: searched('nsone', ['127.0.0.1.'], (label) => ({ answers: [soaOf(label)] })),
  nstwo: searched('nstwo', TWICE, (label) => ({ answers: [soaOf(label)] })),
  nsthree: searched('nsthree', [...TWICE, '127.0.0.77.'], (label) => ({
    answers: [soaOf(label)],
  })),
  nstwoempty: searched('nstwoempty', TWICE, () => ({ authorities: [SOA] })),
  nstworefused: searched('nstworefused', TWICE, () => ({ rcode: 5 })),
  nsgone: searched('nsgone', ['127.0.0.77.'], () => ({})),
  nsnowhere: searched('nsnowhere', ['nowhere.invalid.'], () => ({})),
  nsboth: searched('nsboth', ['nowhere.invalid.', '127.0.0.1.'], (label) => ({
    answers: [soaOf(label)],
  })),
  nsempty: searched('nsempty', ['127.0.0.1.'], () => ({ authorities: [SOA] })),
  nsrefused: searched('nsrefused', ['127.0.0.1.'], () => ({ rcode: 5 })),
  nsalias: searched('nsalias', ['127.0.0.1.'], (label) => ({
    answers: [`${label}.t. 60 CNAME t.`, SOA],
  })),
  nstwosilent: (query, transport, octets) =>
    query.questions[0]?.type === RRType.NS
      ? says({ answers: TWICE.map((server) => `nstwosilent.t. 60 NS ${server}`) })(
          query,
          transport,
          octets,
        )
      : undefined,
  nstwogone: searched('nstwogone', ['127.0.0.77.', '127.0.0.78.'], () => ({})),
  nssilent: (query, transport, octets) =>
    query.questions[0]?.type === RRType.NS
      ? says({ answers: ['nssilent.t. 60 NS 127.0.0.1.'] })(query, transport, octets)
      : undefined,
  // NAT64 (RFC 7050).
  ipv4only: says({
    answers: ['ipv4only.arpa. 60 AAAA 64:ff9b::c000:aa', 'ipv4only.arpa. 60 AAAA 64:ff9b::c000:ab'],
  }),
  '': says({ answers: ['. 518400 NS a.root.', '. 518400 NS b.root.'] }),
};

/** Looks up the script of a query; names without one do not exist. */
export const answer: Answer = (octets, transport) => {
  const query = decodeMessage(octets);
  if (!query.ok) return undefined;
  const label = query.value.questions[0]?.name ?? DnsName.root;
  const first = Buffer.from(label.labels[0] ?? [])
    .toString('latin1')
    .toLowerCase();
  const script = SCRIPTS[first] ?? says({ rcode: 3, authorities: [SOA] });
  return script(query.value, transport, octets);
};
