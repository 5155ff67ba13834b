/**
 * Every record type whose rdata this project understands: one line of fields each, in the order of
 * the wire and of the text. To add a type, add a line; parsing, printing, expanding and
 * compressing follow. Types without a line are octets (RFC 3597).
 */

import { CertificateType, DnssecAlgorithm, RRType, SyncScheme } from '../iana.ts';
import {
  addressPrefixes,
  atmAddress,
  chainedIPv6,
  extendedUniqueIdentifier,
  hexGroups,
  nsap,
  wellKnownServices,
} from './address-fields.ts';
import { base64, hexadecimal, oldTypeBitmap, signatureTime, typeBitmap } from './binary-fields.ts';
import { base64OrDash, nodeNumber, sinkData } from './draft-fields.ts';
import {
  algorithm,
  ipv4,
  ipv6,
  name,
  namedMnemonic,
  period,
  rrType,
  u16,
  u32,
  u8,
  type Field,
} from './field.ts';
import {
  digest,
  gatewayAndKey,
  hashedName,
  hostIdentity,
  keyDigest,
  keyFlags,
  keyProtocol,
  optionalKey,
  orDeletion,
  relay,
  salt,
} from './key-fields.ts';
import { location } from './location-field.ts';
import { serviceParameters } from './service-parameters.ts';
import {
  caaTag,
  characterString,
  characterStrings,
  optionalString,
  psdnAddress,
  trailingText,
} from './string-fields.ts';

import {
  countedBase64,
  signingTime,
  trailingBase64,
  transactionError,
} from './transaction-fields.ts';

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

const digestHeader = [u16('a key tag'), algorithm, u8('a digest type')];
const delegationSigner = plain(...digestHeader, keyDigest);
const keyHeader = [keyFlags, keyProtocol, algorithm];
const key = base64('a public key');
const publicKey = plain(...keyHeader, key);
const strings = plain(characterStrings);
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

const hashParameters = [u8('a hash algorithm'), u8('flags'), u16('iterations'), salt];
/** Printed by mnemonic, as BIND does in this type only; 0 is no algorithm (RFC 4398 §2). */
const certificateAlgorithm = namedMnemonic(
  'an algorithm',
  1,
  Object.fromEntries(Object.entries(DnssecAlgorithm).filter(([, number]) => number > 0)),
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
  [RRType.WKS, plain(wellKnownServices)],
  [RRType.PTR, compressed(name)],
  [RRType.HINFO, plain(characterString('a CPU'), characterString('an operating system'))],
  [RRType.MINFO, compressed(name, name)],
  [RRType.MX, compressed(u16('a preference'), name)],
  [RRType.TXT, strings],
  [RRType.RP, expanded(name, name)],
  [RRType.AFSDB, expanded(u16('a subtype'), name)],
  [RRType.X25, plain(psdnAddress)],
  [RRType.ISDN, plain(characterString('an ISDN address'), optionalString('a subaddress'))],
  [RRType.RT, expanded(u16('a preference'), name)],
  [RRType.NSAP, plain(nsap)],
  [RRType['NSAP-PTR'], plain(name)],
  [RRType.SIG, expanded(...signature)],
  [RRType.KEY, plain(...keyHeader, optionalKey)],
  [RRType.PX, expanded(u16('a preference'), name, name)],
  [RRType.GPOS, plain(...['a longitude', 'a latitude', 'an altitude'].map(characterString))],
  [RRType.AAAA, plain(ipv6)],
  [RRType.LOC, plain(location)],
  [RRType.NXT, expanded(name, oldTypeBitmap)],
  [RRType.EID, plain(hexadecimal('an endpoint identifier'))],
  [RRType.NIMLOC, plain(hexadecimal('a Nimrod locator'))],
  [RRType.SRV, expanded(u16('a priority'), u16('a weight'), u16('a port'), name)],
  [RRType.ATMA, plain(atmAddress)],
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
  [
    RRType.CERT,
    plain(
      namedMnemonic('a certificate type', 2, CertificateType),
      u16('a key tag'),
      certificateAlgorithm,
      base64('a certificate'),
    ),
  ],
  [RRType.A6, plain(chainedIPv6)],
  [RRType.DNAME, plain(name)],
  [RRType.SINK, plain(u8('a meaning'), u8('a coding'), sinkData)],
  [RRType.APL, plain(addressPrefixes)],
  [RRType.DS, delegationSigner],
  [RRType.SSHFP, plain(u8('an algorithm'), u8('a fingerprint type'), hexadecimal('a fingerprint'))],
  [
    RRType.IPSECKEY,
    plain(u8('a precedence'), u8('a gateway type'), u8('an algorithm'), gatewayAndKey),
  ],
  [RRType.RRSIG, plain(...signature)],
  [RRType.NSEC, plain(name, typeBitmap)],
  [RRType.DNSKEY, publicKey],
  [RRType.DHCID, plain(base64('a DHCID'))],
  [RRType.NSEC3, plain(...hashParameters, hashedName, typeBitmap)],
  [RRType.NSEC3PARAM, plain(...hashParameters)],
  [RRType.TLSA, certificateAssociation],
  [RRType.SMIMEA, certificateAssociation],
  [RRType.HIP, plain(hostIdentity)],
  [RRType.NINFO, strings],
  [RRType.RKEY, publicKey],
  [RRType.TALINK, plain(name, name)],
  [RRType.CDS, plain(...digestHeader, orDeletion(digest, 2))],
  [RRType.CDNSKEY, plain(...keyHeader, orDeletion(key, 1))],
  [RRType.OPENPGPKEY, plain(base64('a key'))],
  [RRType.CSYNC, plain(u32('a serial'), u16('flags'), typeBitmap)],
  [RRType.ZONEMD, plain(u32('a serial'), u8('a scheme'), u8('a hash algorithm'), digest)],
  [RRType.SVCB, service],
  [RRType.HTTPS, service],
  [RRType.DSYNC, plain(rrType, namedMnemonic('a scheme', 1, SyncScheme), u16('a port'), name)],
  [RRType.HHIT, plain(base64('a host identity'))],
  [RRType.BRID, plain(base64('broadcast endorsements'))],
  [RRType.SPF, strings],
  [RRType.NID, plain(u16('a preference'), hexGroups('a node identifier'))],
  [RRType.L32, plain(u16('a preference'), ipv4)],
  [RRType.L64, plain(u16('a preference'), hexGroups('a locator'))],
  [RRType.LP, plain(u16('a preference'), name)],
  [RRType.EUI48, plain(extendedUniqueIdentifier(6))],
  [RRType.EUI64, plain(extendedUniqueIdentifier(8))],
  [
    RRType.TSIG,
    plain(
      name,
      signingTime,
      u16('a fudge in seconds'),
      countedBase64('a MAC'),
      u16('an id'),
      transactionError,
      trailingBase64('other data'),
    ),
  ],
  [RRType.URI, plain(u16('a priority'), u16('a weight'), trailingText)],
  [RRType.CAA, plain(u8('flags'), caaTag, trailingText)],
  [RRType.AVC, strings],
  [
    RRType.DOA,
    plain(
      u32('an enterprise'),
      u32('a type'),
      u8('a location'),
      characterString('a media type'),
      base64OrDash,
    ),
  ],
  [RRType.AMTRELAY, plain(u8('a precedence'), relay)],
  [RRType.RESINFO, strings],
  [RRType.WALLET, strings],
  [RRType.CLA, strings],
  [RRType.IPN, plain(nodeNumber)],
  [RRType.TA, delegationSigner],
  [RRType.DLV, delegationSigner],
]);
