/**
 * Random and mutated messages. FUZZ_RUNS says how many; the environment variable TSDNS_SUITES may
 * name a folder with BIND's fuzz corpora in `wire/bind/fuzz`, whose packets become further seeds.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { fromPacket, toPacket } from '../../src/wire/packet.ts';
import { isWellFormed, namesIn, parseRdata, printRdata } from '../../src/wire/rdata/rdata.ts';
import { splitTokens } from '../../src/wire/rdata/tokens.ts';
import { message } from './arbitraries.ts';
import { expectSame, FUZZ_RUNS, plain } from './support.ts';

const suites = process.env['TSDNS_SUITES'];
const corpora = suites === undefined ? undefined : joinPath(suites, 'wire/bind/fuzz');
const isThere = corpora !== undefined && existsSync(corpora);

/** Does to octets all that the project does; true when they are a message. */
function exercise(bytes: Uint8Array): boolean {
  const result = decodeMessage(bytes);
  if (!result.ok) return false;
  const got = result.value;
  for (const section of [got.answers, got.authorities, got.additionals]) {
    for (const { type, rdata } of section) {
      const text = printRdata(type, rdata);
      namesIn(type, rdata);
      if (!isWellFormed(type, rdata)) continue;
      const back = parseRdata(type, splitTokens(text));
      if (!back.ok || !Buffer.from(back.value).equals(rdata)) expect(back).toBe(text);
    }
  }
  const again = encodeMessage(got);
  const second = decodeMessage(again);
  if (!second.ok) throw new Error(`${second.error.reason}: ${Buffer.from(bytes).toString('hex')}`);
  // Names that arrived compressed in ways that we do not use may not fit any more.
  if (second.value.tc === got.tc) {
    const isSame = JSON.stringify(plain(second.value)) === JSON.stringify(plain(got));
    if (!isSame) expectSame(second.value, got);
  }
  return true;
}

/** Octets changed, removed, repeated, and numbers that matter put in. */
function mutate(seed: Uint8Array, random: () => number): Uint8Array {
  let bytes = Uint8Array.from(seed);
  for (let n = 1 + (random() % 4); n > 0; n--) {
    const at = random() % (bytes.length + 1);
    const rest = bytes.subarray(at);
    switch (random() % 6) {
      case 0:
        if (at < bytes.length) bytes[at] = random() & 0xff;
        break;
      case 1:
        if (at < bytes.length) bytes[at]! ^= 1 << (random() & 7);
        break;
      case 2:
        bytes = Uint8Array.of(...bytes.subarray(0, at), ...rest.subarray(random() % 4));
        break;
      case 3:
        bytes = Uint8Array.of(...bytes.subarray(0, at), random() & 0xff, ...rest);
        break;
      case 4:
        if (at + 1 < bytes.length) bytes.set([0xc0, random() % bytes.length], at);
        break;
      default:
        bytes[at] = [0, 1, 12, 41, 63, 64, 0xc0, 0xff][random() & 7]!;
    }
  }
  return bytes;
}

/** xorshift32: the same cases in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const seeds = fc.sample(message, { numRuns: 300, seed: 1 }).map((one) => encodeMessage(one));

describe('any octets decode to a message that survives, or to an error', () => {
  test('mutated messages', () => {
    const random = generator(0x5eed);
    let accepted = 0;
    for (let run = 0; run < FUZZ_RUNS; run++) {
      if (exercise(mutate(seeds[random() % seeds.length]!, random))) accepted++;
    }
    // Were all refused, the test would have looked at nothing.
    expect(accepted).toBeGreaterThan(FUZZ_RUNS / 20);
  });

  test('random octets behind a header that could be', () => {
    const random = generator(0xca5e);
    for (let run = 0; run < FUZZ_RUNS / 4; run++) {
      const bytes = Uint8Array.from({ length: random() % 80 }, () => random() & 0xff);
      if (bytes.length >= 12)
        bytes.set([0, random() & 1, 0, random() & 3, 0, 0, 0, random() & 1], 4);
      exercise(bytes);
    }
  });

  test('mutated messages as packets, and back', () => {
    const random = generator(0xfeed);
    for (let run = 0; run < FUZZ_RUNS / 10; run++) {
      const result = decodeMessage(mutate(seeds[random() % seeds.length]!, random));
      if (!result.ok) continue;
      const back = fromPacket(toPacket(result.value));
      if (!back.ok) throw new Error(back.error);
      const [a, b] = [plain(back.value, true), plain(result.value, true)];
      if (JSON.stringify(a) !== JSON.stringify(b)) expect(a).toEqual(b);
    }
  });
});

describe.skipIf(!isThere)("BIND's fuzz corpora (TSDNS_SUITES)", () => {
  const files = (folder: string): Buffer[] =>
    isThere
      ? readdirSync(joinPath(corpora, folder)).map((file) =>
          readFileSync(joinPath(corpora, folder, file)),
        )
      : [];

  test('messages, as they are and mutated', () => {
    const packets = files('dns_message_parse.in');
    expect(packets.length).toBeGreaterThan(0);
    expect(packets.filter((packet) => exercise(packet)).length).toBeGreaterThan(0);
    const random = generator(0xb1d);
    for (let run = 0; run < FUZZ_RUNS / 10; run++) {
      exercise(mutate(packets[random() % packets.length]!, random));
    }
  });

  test('rdata, as of every described type', () => {
    for (const octets of files('dns_rdata_fromwire_text.in')) {
      for (let type = 1; type < 260; type++) {
        const text = printRdata(type, octets);
        if (!isWellFormed(type, octets)) continue;
        const back = parseRdata(type, splitTokens(text));
        expect(back.ok && Buffer.from(back.value).toString('hex')).toBe(octets.toString('hex'));
      }
    }
  });

  test('rdata as text return, whatever they say', () => {
    for (const octets of files('dns_rdata_fromtext.in')) {
      const tokens = splitTokens(octets.toString('latin1'));
      for (let type = 1; type < 260; type++) parseRdata(type, tokens);
    }
  });
});
