/**
 * The stimuli of RFC 8906 §8 (and of ISC's compliance tester, which it grew from) against a whole
 * server in the simulated world. The expectations stand here, each checked against the RFC that it
 * names; where TSDNS_SUITES names the folder of the suites, the list of stimuli there must be the
 * list here, so that none is forgotten.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startSystem } from '../../src/app/system.ts';
import { frame, FrameDecoder } from '../../src/net/framing.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { World } from '../../src/sim/world.ts';
import { copyBytes } from '../../src/wire/bytes.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns, type Edns } from '../../src/wire/edns.ts';
import { encodeInto } from '../../src/wire/encode.ts';
import { DnsClass, EdnsOption, parseType, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import { zoneOf } from '../zone/answer.ts';
import { expectReported, suiteFolder } from './report.ts';

const ORIGIN = nameOf('example.com.');
const SERVER = { address: '192.0.2.1', port: 53 };
const UNKNOWN_OPTION = { code: 100, data: new Uint8Array(0) };
const COOKIE = { code: EdnsOption.COOKIE, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
const SUBNET = { code: EdnsOption.CLIENT_SUBNET, data: Uint8Array.of(0, 1, 0, 0) };
const NSID = { code: EdnsOption.NSID, data: new Uint8Array(0) };
const EXPIRE = { code: EdnsOption.EXPIRE, data: new Uint8Array(0) };
const ALL_FLAGS = { tc: true, rd: true, ra: true, cd: true, ad: true, aa: true, z: true };

const TSIG: ResourceRecord = {
  name: nameOf('.'),
  type: RRType.TSIG,
  class: DnsClass.ANY,
  ttl: 0,
  rdata: Uint8Array.of(
    ...nameOf('hmac-sha256.').wire,
    ...[0, 0, 0x66, 0, 0, 0, 1, 44],
    ...[0, 32, ...new Array<number>(32).fill(7)],
    ...[0, 7, 0, 0, 0, 0],
  ),
};

const zone = zoneOf(`
$ORIGIN example.com.
@   300 SOA ns host 1 3600 600 86400 60
@   300 NS  ns
@   300 A   192.0.2.9
ns  300 A   192.0.2.1
${Array.from({ length: 20 }, (_, i) => `@ 300 DNSKEY 257 3 8 ${'QUJD'.repeat(20)}${i + 1000}`).join('\n')}
`);

let world: World;
let client: SimHost;

beforeAll(async () => {
  world = new World({ seed: 8906 });
  const { runtime } = world.host({ name: 'server', addresses: [SERVER.address] });
  client = world.host({ name: 'client', addresses: ['198.51.100.1'] });
  const options = { runtime, logger: silentLogger, listen: [SERVER], zones: [zone] };
  await world.run(startSystem(options));
});

type Stimulus = Partial<Message> & {
  readonly type?: number;
  readonly tsig?: ResourceRecord;
  readonly tcp?: boolean;
};

interface Reply extends Message {
  readonly octets: number;
}

describe('RFC 8906 §8', () => {
  const soa = {
    rcode: Rcode.NOERROR,
    aa: true,
    tc: false,
    z: false,
    ad: false,
    answerTypes: ['SOA'],
  };
  const withEdns = { ...soa, edns: { version: 0, flags: 0, options: [] } };
  // Of all options asked for, the cookie alone is answered by default (RFC 7873 §5.2.3).
  const withCookie = { ...soa, edns: { version: 0, flags: 0, options: [{ code: COOKIE.code }] } };
  const badVersion = { rcode: Rcode.BADVERS, answerTypes: [], edns: { version: 0, options: [] } };
  const notImplemented = { rcode: Rcode.NOTIMP, aa: false, tc: false, z: false, ad: false };
  const nodata = { rcode: Rcode.NOERROR, aa: true, answerTypes: [], authorityTypes: ['SOA'] };
  const edns = plainEdns();
  const v1 = { ...edns, version: 1 };
  const withOption = (base: Edns, ...options: Edns['options'][number][]): Partial<Message> => ({
    edns: { ...base, options },
  });

  it.each<[string, Stimulus, object]>([
    ['dns', {}, { ...soa, hasEdns: false }],
    ['aa', { aa: true }, soa],
    ['ad', { ad: true }, soa],
    ['cd', { cd: true }, { ...soa, cd: false }],
    ['ra', { ra: true }, { ...soa, ra: false }],
    ['rd', { rd: true }, { ...soa, rd: true }],
    ['tc', { tc: true }, soa],
    ['zflag', { z: true }, soa],
    ['opcode', { opcode: 15, questions: [] }, { ...notImplemented, opcode: 15, answerTypes: [] }],
    [
      'opcodeflg',
      { opcode: 15, questions: [], ...ALL_FLAGS },
      { ...notImplemented, rd: false, ra: false, cd: false },
    ],
    ['type666', { type: 666 }, nodata],
    ['type1000', { type: 1000 }, nodata],
    ['tcp', { tcp: true }, soa],
    ['edns', { edns }, withEdns],
    ['edns1', { edns: v1 }, badVersion],
    ['ednsopt', withOption(edns, UNKNOWN_OPTION), withEdns],
    ['edns1opt', withOption(v1, UNKNOWN_OPTION), badVersion],
    ['ednsflags', { edns: { ...edns, flags: 0x0040 } }, withEdns],
    [
      'edns1flags',
      { edns: { ...v1, flags: 0x0040 } },
      { ...badVersion, edns: { version: 0, flags: 0 } },
    ],
    ['do', { edns: plainEdns(true) }, withEdns],
    ['docd', { edns: plainEdns(true), cd: true }, withEdns],
    ['edns1do', { edns: { ...v1, dnssecOk: true } }, badVersion],
    ['optlist', withOption(edns, NSID, SUBNET, EXPIRE, COOKIE), withCookie],
    ['ednsnsid', withOption(edns, NSID), withEdns],
    ['edns1nsid', withOption(v1, NSID), badVersion],
    ['ednscookie', withOption(edns, COOKIE), withCookie],
    ['edns1cookie', withOption(v1, COOKIE), badVersion],
    ['ednsexpire', withOption(edns, EXPIRE), withEdns],
    ['edns1expire', withOption(v1, EXPIRE), badVersion],
    ['ednssubnet', withOption(edns, SUBNET), withEdns],
    ['edns1subnet', withOption(v1, SUBNET), badVersion],
    ['ednstcp', { edns, tcp: true }, withEdns],
    ['bind11', { edns: { ...edns, udpPayloadSize: 4096, dnssecOk: true, options: [COOKIE] } }, soa],
    [
      'dig11',
      { rd: true, ad: true, edns: { ...edns, udpPayloadSize: 4096, options: [COOKIE] } },
      soa,
    ],
    [
      'dnswkk',
      { tsig: TSIG },
      { rcode: Rcode.NOTAUTH, answerTypes: [], additionalTypes: ['TSIG'] },
    ],
  ])('%s', async (name, stimulus, expected) => {
    const reply = await ask(stimulus);
    expect(summary(reply)).toMatchObject({ qr: true, ...expected });
    answered.add(name);
  });

  it('edns@512: a reply fits the size that the client takes, with OPT, and says so (§8.2.7)', async () => {
    const edns512 = { ...plainEdns(true), udpPayloadSize: 512 };
    const reply = await ask({ type: RRType.DNSKEY, edns: edns512 });
    expect(reply.octets).toBeLessThanOrEqual(512);
    expect(reply).toMatchObject({ tc: true, edns: { version: 0 } });
    answered.add('edns@512');
  });

  it.each(TYPES())(
    'a question for type %s is answered with data or NODATA (§8.1.2)',
    async (text) => {
      const reply = summary(await ask({ type: parseType(text)! }));
      expect(reply).toMatchObject({ rcode: Rcode.NOERROR, aa: true });
      const hasData = ['A', 'NS', 'SOA', 'DNSKEY'].includes(text);
      if (hasData) expect(reply.tc || reply.answerTypes.includes(text)).toBe(true);
      else expect(reply).toMatchObject({ answerTypes: [], authorityTypes: ['SOA'] });
      answered.add(`type-${text}`);
    },
  );
});

const SUITE = suiteFolder('rfc8906');
/** Stimuli whose test has passed. */
const answered = new Set<string>();

it.skipIf(SUITE === undefined)('every stimulus of the suite is answered as expected', () => {
  const text = readFileSync(join(SUITE!, 'matrix.json'), 'utf8');
  const { tests } = JSON.parse(text) as { tests: { test: string }[] };
  expectReported({
    title: 'RFC 8906 §8',
    about: 'EDNS and protocol stimuli: rcode, flags, sections, options.',
    outcomes: tests.map(({ test: name }) => ({ name, passed: answered.has(name) })),
  });
});

function TYPES(): string[] {
  return (
    'A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP ' +
    'NSAP-PTR SIG KEY PX GPOS AAAA LOC NXT SRV NAPTR KX CERT A6 DNAME APL DS SSHFP IPSECKEY RRSIG ' +
    'NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA SMIMEA HIP CDS CDNSKEY OPENPGPKEY SPF NID L32 L64 LP ' +
    'EUI48 EUI64 URI CAA AVC DOA DLV'
  ).split(' ');
}

function encode({ type = RRType.SOA, tsig, tcp: _tcp, ...parts }: Stimulus): Uint8Array {
  const questions = [{ name: ORIGIN, type, class: DnsClass.IN }];
  const out = new Uint8Array(1024);
  const message = { ...createMessage({ id: 7, questions, ...parts }), ...NO_RECORDS };
  const additionals = tsig ? [{ ...tsig, rdatas: [tsig.rdata] }] : [];
  return out.slice(0, encodeInto(out, { ...message, additionals }));
}

const NO_RECORDS = { answers: [], authorities: [], additionals: [] };

async function ask(stimulus: Stimulus): Promise<Reply> {
  const octets = stimulus.tcp === true ? await overTcp(stimulus) : await overUdp(stimulus);
  const reply = decodeMessage(octets);
  if (!reply.ok) throw new Error(reply.error.reason);
  return { ...reply.value, octets: octets.length };
}

function overUdp(stimulus: Stimulus): Promise<Uint8Array> {
  return world.run(
    new Promise<Uint8Array>((resolve, reject) => {
      const onDatagram = (octets: Uint8Array): void => resolve(copyBytes(octets));
      const opening = client.runtime.network.connectUdp(SERVER, { onDatagram, onError: reject });
      void opening.then((socket) => socket.send(encode(stimulus)));
    }),
  );
}

function overTcp(stimulus: Stimulus): Promise<Uint8Array> {
  return world.run(
    new Promise<Uint8Array>((resolve) => {
      const decoder = new FrameDecoder();
      void client.runtime.network.connectTcp(SERVER).then((connection) => {
        connection.start({
          onData: (octets) => {
            for (const message of decoder.decode(octets)) resolve(copyBytes(message));
          },
          onEnd: () => connection.end(),
          onDrain: () => {},
          onClose: () => {},
        });
        connection.write(frame(encode(stimulus)));
      });
    }),
  );
}

interface Summary extends Message {
  readonly hasEdns: boolean;
  readonly answerTypes: readonly string[];
  readonly authorityTypes: readonly string[];
  readonly additionalTypes: readonly string[];
}

function summary(reply: Reply): Summary {
  const typesOf = (records: readonly ResourceRecord[]): string[] => [
    ...new Set(records.map(({ type }) => typeNames.get(type) ?? String(type))),
  ];
  return {
    ...reply,
    hasEdns: reply.edns !== undefined,
    answerTypes: typesOf(reply.answers),
    authorityTypes: typesOf(reply.authorities),
    additionalTypes: typesOf(reply.additionals),
  };
}

const typeNames = new Map(Object.entries(RRType).map(([name, type]) => [type as number, name]));
