/** The MAC algorithms of TSIG (RFC 8945 §6), with the names that the wire and people know. */

import type { DnsName } from '../wire/name.ts';
import { nameOf } from '../wire/name-text.ts';

export interface TsigAlgorithm {
  /** 'hmac-sha256', as in key files. */
  readonly text: string;
  /** As in the record. */
  readonly name: DnsName;
  /** What `node:crypto` calls the hash. */
  readonly hash: string;
  /** Octets of an untruncated MAC. */
  readonly macOctets: number;
  /** Of a KEY record or a private key file, where BIND keeps such keys (its own numbers). */
  readonly keyNumber: number;
}

const ALGORITHMS: readonly TsigAlgorithm[] = [
  // It alone has a name below a domain (RFC 8945 §6).
  { ...algorithm('md5', 16, 157), name: nameOf('hmac-md5.sig-alg.reg.int.') },
  algorithm('sha1', 20, 161),
  algorithm('sha224', 28, 162),
  algorithm('sha256', 32, 163),
  algorithm('sha384', 48, 164),
  algorithm('sha512', 64, 165),
];

/** What is meant where nobody names one. */
export const DEFAULT_ALGORITHM: TsigAlgorithm = algorithm('sha256', 32, 163);

export function algorithmOfName(name: DnsName): TsigAlgorithm | undefined {
  return ALGORITHMS.find((known) => known.name.equals(name));
}

export function algorithmOfKeyNumber(number: number): TsigAlgorithm | undefined {
  return ALGORITHMS.find(({ keyNumber }) => keyNumber === number);
}

function algorithm(hash: string, macOctets: number, keyNumber: number): TsigAlgorithm {
  const text = `hmac-${hash}`;
  return { text, name: nameOf(text), hash, macOctets, keyNumber };
}
