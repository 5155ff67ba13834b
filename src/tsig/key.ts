/**
 * Keys that two parties share (RFC 8945 §2), and how people write them behind `-y`:
 * `[algorithm:]name:secret`, the secret in base64. The algorithm may end in a number of bits, to
 * which MACs are truncated: `hmac-sha256-128` (RFC 8945 §5.2.2.1).
 */

import { foldOctet } from '../wire/case-fold.ts';
import { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';
import { failure, success, type Result } from '../wire/result.ts';
import { algorithmOfName, DEFAULT_ALGORITHM, type TsigAlgorithm } from './algorithm.ts';

export interface TsigKey {
  readonly name: DnsName;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Uint8Array;
  /** Octets of the MACs that we send and the fewest that we take. */
  readonly macOctets: number;
}

/** A key in parts as people write them. */
export interface KeyText {
  readonly name: string;
  readonly algorithm?: string | undefined;
  readonly secret: string;
}

export interface KeyProblem {
  /** 'form': there is no name or no secret at all. */
  readonly kind: 'form' | 'name' | 'algorithm' | 'bits' | 'secret';
  /** What cannot be read: never the secret, but an algorithm beside it. */
  readonly text: string;
  readonly problem: string;
}

/** Of `[algorithm:]name:secret`. */
export function parseKey(text: string): Result<TsigKey, KeyProblem> {
  const parts = text.split(':');
  const [algorithm, name, secret] = parts.length > 2 ? parts : [undefined, ...parts];
  if (name === undefined || secret === undefined) {
    return failure({ kind: 'form', text: '', problem: 'expected [algorithm:]name:secret' });
  }
  return keyOf({ name, algorithm, secret });
}

export function keyOf(text: KeyText): Result<TsigKey, KeyProblem> {
  const name = parseName(octetsOf(text.name), DnsName.root);
  if (!name.ok) return failure({ kind: 'name', text: text.name, problem: name.error });
  const read = readAlgorithm(text.algorithm);
  const secret = readBase64(text.secret);
  if (!secret) {
    const unknown = !read.ok && read.error.kind === 'algorithm' ? read.error.text : '';
    return failure({ kind: 'secret', text: unknown, problem: 'bad base64 encoding' });
  }
  if (!read.ok) return read;
  // In small letters, as BIND writes it: what is signed is the canonical form anyway.
  const canonical = DnsName.fromWire(name.value.wire.map(foldOctet));
  return success({ name: canonical, secret, ...read.value });
}

/** Undefined when it is no base64, or empty. Blanks mean nothing. */
function readBase64(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s+/g, '');
  const isWhole = digits.length > 0 && digits.length % 4 === 0;
  if (!isWhole || !/^[A-Za-z0-9+/]+={0,2}$/.test(digits)) return undefined;
  return new Uint8Array(Buffer.from(digits, 'base64'));
}

function readAlgorithm(
  text: string | undefined,
): Result<Pick<TsigKey, 'algorithm' | 'macOctets'>, KeyProblem> {
  if (text === undefined) return success(whole(DEFAULT_ALGORITHM));
  const [, stem = text, bitsText] = /^(hmac-[a-z0-9]+)-(.*)$/is.exec(text) ?? [];
  const isMd5 = /^hmac-md5$/i.test(stem);
  const name = parseName(octetsOf(isMd5 ? `${stem}.sig-alg.reg.int` : stem), DnsName.root);
  const algorithm = name.ok ? algorithmOfName(name.value) : undefined;
  if (!algorithm) return failure({ kind: 'algorithm', text, problem: 'algorithm is unsupported' });
  if (bitsText === undefined) return success(whole(algorithm));
  const bits = Number(bitsText);
  const most = algorithm.macOctets * 8;
  const isNumber = /^[0-9]+$/.test(bitsText);
  if (!isNumber || bits > most) {
    const why = isNumber ? 'out of range' : 'not a valid number';
    const problem = `invalid digest-bits [0..${most}] '${bitsText}': ${why}`;
    return failure({ kind: 'bits', text: bitsText, problem });
  }
  // As dig: 0 bits are as good as none named, and parts of an octet count.
  const macOctets = bits === 0 ? algorithm.macOctets : Math.ceil(bits / 8);
  return success({ algorithm, macOctets });
}

function whole(algorithm: TsigAlgorithm): Pick<TsigKey, 'algorithm' | 'macOctets'> {
  return { algorithm, macOctets: algorithm.macOctets };
}
