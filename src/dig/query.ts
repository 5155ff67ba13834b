/** What is asked as the settings say: header bits, EDNS and its options, the serial of IXFR. */

import type { ExchangeRequest } from '../client/request.ts';
import { DEFAULT_UDP_PAYLOAD_SIZE, type Edns, type EdnsOptionValue } from '../wire/edns.ts';
import { EXPLAIN_OPTION } from '../wire/explanation.ts';
import { EdnsOption, RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { Octets } from '../wire/rdata/octets.ts';
import type { Question, ResourceRecord } from '../wire/record.ts';
import type { ClientSubnet, Settings } from './settings.ts';

export type QueryParts = Required<
  Pick<ExchangeRequest, 'flags' | 'edns' | 'id' | 'headerOnly' | 'padding' | 'authorities'>
>;

/** `cookie` is what the COOKIE option says, where one is sent. */
export function queryOf(settings: Settings, question: Question, cookie: Uint8Array): QueryParts {
  const { opcode, aa, tc, rd, ra, z, ad, cd, id, headerOnly, padding } = settings;
  return {
    flags: { opcode, aa, tc, rd, ra, z, ad, cd },
    edns: ednsOf(settings, cookie),
    id,
    headerOnly,
    padding,
    authorities: question.type === RRType.IXFR ? [serialRecord(settings, question)] : [],
  };
}

const COMPACT_OK = 0x4000;
/** Those with an option of their own are not set by number. */
const OTHER_FLAGS = 0x3fff;

export type EdnsWishes = Pick<Settings, 'ednsVersion' | 'udpPayloadSize' | 'dnssecOk' | 'subnet'>;

/** As dig: what needs EDNS asks for it, whatever `+noedns` said. */
export function asksWithEdns(wishes: EdnsWishes): boolean {
  const { ednsVersion, udpPayloadSize, dnssecOk, subnet } = wishes;
  return (
    ednsVersion !== undefined || udpPayloadSize !== undefined || dnssecOk || subnet !== undefined
  );
}

function ednsOf(settings: Settings, cookie: Uint8Array): Edns | false {
  if (!asksWithEdns(settings)) return false;
  const { ednsVersion, udpPayloadSize, dnssecOk, compactOk, ednsFlags } = settings;
  return {
    udpPayloadSize: udpPayloadSize ?? DEFAULT_UDP_PAYLOAD_SIZE,
    version: ednsVersion ?? 0,
    dnssecOk,
    flags: (ednsFlags & OTHER_FLAGS) | (compactOk ? COMPACT_OK : 0),
    options: optionsOf(settings, cookie),
  };
}

/** In dig's order. */
function optionsOf(settings: Settings, cookie: Uint8Array): readonly EdnsOptionValue[] {
  const { nsid, subnet, sendsCookie, expire, keepalive, ednsOptions, explains, trace } = settings;
  const options: EdnsOptionValue[] = [];
  if (nsid) options.push({ code: EdnsOption.NSID, data: NOTHING });
  if (subnet) options.push({ code: EdnsOption.CLIENT_SUBNET, data: subnetOctets(subnet) });
  if (sendsCookie) options.push({ code: EdnsOption.COOKIE, data: cookie });
  if (expire) options.push({ code: EdnsOption.EXPIRE, data: NOTHING });
  if (keepalive) options.push({ code: EdnsOption.KEEPALIVE, data: NOTHING });
  options.push(...ednsOptions);
  // The servers of a trace are strangers, who may take a private code for something else.
  if (explains && !trace) options.push({ code: EXPLAIN_OPTION, data: NOTHING });
  return options;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** RFC 7871 §6. */
function subnetOctets({ family, prefixLength, address }: ClientSubnet): Uint8Array {
  const octets = new Octets();
  octets.u16(family);
  octets.u8(prefixLength);
  octets.u8(0);
  octets.bytes(address);
  return octets.finish();
}

/** RFC 1995 §3: of its SOA a client needs to tell the serial only; the rest is dig's. */
function serialRecord({ ixfrSerial }: Settings, question: Question): ResourceRecord {
  const rdata = new Octets();
  rdata.bytes(DnsName.root.wire);
  rdata.bytes(DnsName.root.wire);
  rdata.u32(ixfrSerial);
  for (let i = 0; i < 4; i++) rdata.u32(0);
  const { name, class: dnsClass } = question;
  return { name, type: RRType.SOA, class: dnsClass, ttl: 0, rdata: rdata.finish() };
}
