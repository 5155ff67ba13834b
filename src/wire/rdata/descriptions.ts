/**
 * Every record type whose rdata this project understands: one line of fields each, in the order of
 * the wire and of the text. To add a type, add a line; parsing, printing, expanding and
 * compressing follow. Types without a line are octets (RFC 3597).
 */

import { RRType } from '../iana.ts';
import { base64, hexadecimal, signatureTime, typeBitmap } from './binary-fields.ts';
import { algorithm, ipv4, ipv6, name, period, rrType, u16, u32, u8, type Field } from './field.ts';
import { serviceParameters } from './service-parameters.ts';
import { caaTag, characterString, characterStrings, trailingText } from './string-fields.ts';

export interface Description {
  readonly fields: readonly Field[];
  /**
   * 'compressed': RFC 1035 types, whose names may be sent compressed. 'expanded': names are never
   * sent compressed but must be understood so (RFC 3597 §4). 'plain': a pointer is malformed.
   */
  readonly names: 'compressed' | 'expanded' | 'plain';
}

export function descriptionOf(type: number): Description | undefined {
  return DESCRIPTIONS.get(type);
}

function compressed(...fields: Field[]): Description {
  return { fields, names: 'compressed' };
}

function expanded(...fields: Field[]): Description {
  return { fields, names: 'expanded' };
}

function plain(...fields: Field[]): Description {
  return { fields, names: 'plain' };
}

const delegationSigner = plain(
  u16('a key tag'),
  algorithm,
  u8('a digest type'),
  hexadecimal('a digest'),
);
const publicKey = plain(u16('flags'), u8('a protocol'), algorithm, base64('a public key'));
const signature = [
  rrType,
  algorithm,
  u8('a label count'),
  period('the original TTL'),
  signatureTime,
  signatureTime,
  u16('a key tag'),
  name,
  base64('a signature'),
];
const service = plain(u16('a priority'), name, serviceParameters);
const startOfAuthority = compressed(
  name,
  name,
  u32('a serial'),
  period('the refresh interval'),
  period('the retry interval'),
  period('the expire time'),
  period('the minimum TTL'),
);
const certificateAssociation = plain(
  u8('a certificate usage'),
  u8('a selector'),
  u8('a matching type'),
  hexadecimal('association data'),
);

const DESCRIPTIONS: ReadonlyMap<number, Description> = new Map([
  [RRType.A, plain(ipv4)],
  [RRType.NS, compressed(name)],
  [RRType.MD, compressed(name)],
  [RRType.MF, compressed(name)],
  [RRType.CNAME, compressed(name)],
  [RRType.SOA, startOfAuthority],
  [RRType.MB, compressed(name)],
  [RRType.MG, compressed(name)],
  [RRType.MR, compressed(name)],
  [RRType.PTR, compressed(name)],
  [RRType.HINFO, plain(characterString('a CPU'), characterString('an operating system'))],
  [RRType.MINFO, compressed(name, name)],
  [RRType.MX, compressed(u16('a preference'), name)],
  [RRType.TXT, plain(characterStrings)],
  [RRType.RP, expanded(name, name)],
  [RRType.AFSDB, expanded(u16('a subtype'), name)],
  [RRType.RT, expanded(u16('a preference'), name)],
  [RRType.SIG, expanded(...signature)],
  [RRType.PX, expanded(u16('a preference'), name, name)],
  [RRType.AAAA, plain(ipv6)],
  [RRType.SRV, expanded(u16('a priority'), u16('a weight'), u16('a port'), name)],
  [
    RRType.NAPTR,
    expanded(
      u16('an order'),
      u16('a preference'),
      characterString('flags'),
      characterString('a service'),
      characterString('a regular expression'),
      name,
    ),
  ],
  [RRType.KX, expanded(u16('a preference'), name)],
  [RRType.DNAME, plain(name)],
  [RRType.DS, delegationSigner],
  [RRType.SSHFP, plain(u8('an algorithm'), u8('a fingerprint type'), hexadecimal('a fingerprint'))],
  [RRType.RRSIG, plain(...signature)],
  [RRType.NSEC, plain(name, typeBitmap)],
  [RRType.DNSKEY, publicKey],
  [RRType.TLSA, certificateAssociation],
  [RRType.SMIMEA, certificateAssociation],
  [RRType.CDS, delegationSigner],
  [RRType.CDNSKEY, publicKey],
  [RRType.OPENPGPKEY, plain(base64('a key'))],
  [RRType.SVCB, service],
  [RRType.HTTPS, service],
  [RRType.SPF, plain(characterStrings)],
  [RRType.URI, plain(u16('a priority'), u16('a weight'), trailingText)],
  [RRType.CAA, plain(u8('flags'), caaTag, trailingText)],
]);
