import { describe, expect, it } from 'vitest';
import { checkSignature, Keyring, type Signature } from '../../src/query/tsig.ts';
import { keyOf, type TsigKey } from '../../src/tsig/key.ts';
import { readTsig, type TsigFields } from '../../src/tsig/rdata.ts';
import { signRequest } from '../../src/tsig/sign.ts';
import { ReplyVerifier } from '../../src/tsig/verify.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeInto, encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';

const NOW = 1_700_000_000;
const question = { name: nameOf('www.example.com.'), type: RRType.A, class: DnsClass.IN };
const query = encodeMessage(createMessage({ id: 7, questions: [question] }));
const reply = encodeMessage(createMessage({ id: 7, qr: true, questions: [question] }));

function keyNamed(name: string, secret = 'c2VjcmV0IG9mIG91cnM='): TsigKey {
  const key = keyOf({ name, secret });
  if (!key.ok) throw new Error(key.error.problem);
  return key.value;
}

const ours = keyNamed('ours.');
const keys = new Keyring([ours]);

function check(octets: Uint8Array, nowSeconds = NOW): Signature {
  return checkSignature(decoded(octets), octets, { keys, nowSeconds });
}

function decoded(octets: Uint8Array): Message {
  const message = decodeMessage(octets);
  if (!message.ok) throw new Error(message.error.reason);
  return message.value;
}

/** The signature of the reply to a request that was signed so. */
function errorFor(octets: Uint8Array, nowSeconds = NOW): { name: string; fields: TsigFields } {
  const signature = check(octets, nowSeconds);
  if (signature.kind !== 'rejected') throw new Error(signature.kind);
  const sealed = signature.seal.seal(reply, nowSeconds);
  expect(sealed.length).toBe(reply.length + signature.seal.octets);
  const record = decoded(sealed).additionals.at(-1)!;
  return { name: record.name.toString(), fields: readTsig(record.rdata)! };
}

it('a message without a signature has none', () => {
  expect(check(query)).toEqual({ kind: 'none' });
});

it('a good signature tells whose it is, and each reply is signed in turn', () => {
  const { octets, mac } = signRequest(query, ours, NOW);
  const signature = check(octets);
  if (signature.kind !== 'valid') throw new Error(signature.kind);
  expect(signature.key).toBe(ours);
  const verifier = new ReplyVerifier(ours, mac);
  for (let i = 0; i < 3; i++) {
    const sealed = signature.seal.seal(reply, NOW);
    expect(sealed.length).toBe(reply.length + signature.seal.octets);
    expect(verifier.verify(sealed, NOW)).toEqual({ kind: 'valid' });
  }
});

describe('a signature that is not believed', () => {
  it('by a key that we do not have gets BADKEY without MAC (RFC 8945 §5.2.1)', () => {
    const { octets } = signRequest(query, keyNamed('theirs.'), NOW);
    const { name, fields } = errorFor(octets);
    expect(name).toBe('theirs.');
    expect(fields).toMatchObject({ error: 17, originalId: 7, timeSeconds: NOW });
    expect(fields.mac).toHaveLength(0);
  });

  it('with another secret gets BADSIG without MAC (RFC 8945 §5.2.2)', () => {
    const { octets } = signRequest(query, keyNamed('ours.', 'b3RoZXI='), NOW);
    const { fields } = errorFor(octets);
    expect(fields).toMatchObject({ error: 16 });
    expect(fields.mac).toHaveLength(0);
  });

  it('of another time gets BADTIME, signed, with our time (RFC 8945 §5.2.3)', () => {
    const { octets, mac } = signRequest(query, ours, NOW - 301);
    const { fields } = errorFor(octets);
    expect(fields).toMatchObject({ error: 18, timeSeconds: NOW - 301 });
    expect(Buffer.from(fields.other).readUIntBE(0, 6)).toBe(NOW);
    const signature = check(octets);
    if (signature.kind !== 'rejected') throw new Error(signature.kind);
    const verdict = new ReplyVerifier(ours, mac).verify(signature.seal.seal(reply, NOW), NOW - 301);
    expect(verdict).toEqual({ kind: 'failed', why: 'error', error: 18 });
  });

  it('within the fudge of 300 seconds is believed', () => {
    expect(check(signRequest(query, ours, NOW - 300).octets).kind).toBe('valid');
    expect(check(signRequest(query, ours, NOW + 300).octets).kind).toBe('valid');
  });

  it('of which any bit was flipped is not believed (RFC 8945 §5.2)', () => {
    const { octets } = signRequest(query, ours, NOW);
    for (let bit = 0; bit < octets.length * 8; bit++) {
      const flipped = octets.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const message = decodeMessage(flipped);
      if (!message.ok) continue;
      const signature = checkSignature(message.value, flipped, { keys, nowSeconds: NOW });
      // The id may differ: the original one is in the record (RFC 8945 §5.1), as with forwarders.
      const isId = bit < 16;
      // A letter's case in the names of key and algorithm means nothing (RFC 8945 §4.2).
      const isCase = (octets[bit >> 3]! ^ flipped[bit >> 3]!) === 0x20;
      if (!isId && !isCase) expect(signature.kind, `bit ${bit}`).not.toBe('valid');
    }
  });
});

describe('a signature record (RFC 8945 §5.1)', () => {
  const { octets } = signRequest(query, ours, NOW);
  const tsig = { ...decoded(octets).additionals[0]! };
  const record: ResourceRecord = {
    name: tsig.name ?? ours.name,
    type: RRType.TSIG,
    class: DnsClass.ANY,
    ttl: 0,
    rdata: decoded(octets).additionals[0]!.rdata,
  };
  const other = { ...record, type: RRType.A, class: DnsClass.IN, rdata: Uint8Array.of(1, 2, 3, 4) };

  it.each([
    ['stands before another record', [record, other]],
    ['stands twice', [record, record]],
    ['is not of class ANY', [{ ...record, class: DnsClass.IN }]],
    ['has a TTL', [{ ...record, ttl: 1 }]],
    ['is cut short', [{ ...record, rdata: record.rdata.subarray(0, record.rdata.length - 8) }]],
    ['has no octets', [{ ...record, rdata: new Uint8Array(0) }]],
  ])('that %s is malformed', (_what, additionals) => {
    const out = new Uint8Array(1024);
    const bare = { ...createMessage({ id: 7, questions: [question] }), answers: [] };
    const sets = additionals.map((one) => ({ ...one, rdatas: [one.rdata] }));
    const length = encodeInto(out, { ...bare, authorities: [], additionals: sets });
    expect(check(out.slice(0, length)).kind).toBe('malformed');
  });
});
