/**
 * How often caches know what is asked for, where names are drawn by Zipf's law (exponent 1): the
 * record cache and the cache of finished answers, beside an LRU cache that holds as many entries,
 * and beside the best there can be, which holds the most popular names for ever.
 *
 *   node bench/hit-ratio.mjs [--names N] [--draws N]
 *
 * No time passes and nothing is measured but hits, so a busy machine changes nothing.
 */
import { parseArgs } from 'node:util';

import { LRUCache } from 'lru-cache';

import { kindOf } from '../dist/cache/key.js';
import { OctetStore } from '../dist/cache/octet-store.js';
import { AnswerCache } from '../dist/query/answer-cache.js';
import { channelOf } from '../dist/query/question-scan.js';
import { encodeMessage } from '../dist/wire/encode.js';
import { createMessage } from '../dist/wire/message.js';
import { NameHash } from '../dist/wire/name-hash.js';
import { nameOf } from '../dist/wire/name-text.js';

const TYPE_A = 1;
const CLASS_IN = 1;
/** Of the draws: before, every cache fills. */
const WARM_UP_SHARE = 0.5;
/** Octets of what such a name takes in the record cache, and in the other, about. */
const RECORD_OCTETS = 90;
const ANSWER_OCTETS = 160;
/** Parts of the names that there is room for. */
const SHARES = [0.01, 0.1, 0.5];

const { values: options } = parseArgs({
  options: {
    names: { type: 'string', default: '100000' },
    draws: { type: 'string', default: '1000000' },
  },
});
const names = Number(options.names);
const draws = Number(options.draws);
const clock = { monotonic: () => 1000, wall: () => 0, schedule: () => ({ cancel: () => {} }) };
const all = Array.from({ length: names }, (_, i) => nameOf(`h${i}.bench.example.`));

/** @typedef {{ name: string, has: (index: number) => boolean, entries: () => number }} Cache */

process.stdout.write(
  [
    `${names} names, ${draws} draws, of which the last ${draws * (1 - WARM_UP_SHARE)} count`,
    '',
    '| cache            | entries | hits    | LRU     | most popular |',
    '| ---------------- | ------: | ------: | ------: | -----------: |',
    ...[recordCache, answerCache].flatMap((make) => SHARES.map((share) => compare(make(share)))),
    '',
  ].join('\n'),
);

/** @param {Cache} cache */
function compare(cache) {
  const hits = measure(cache);
  const entries = cache.entries();
  const cells = [
    cache.name.padEnd(16),
    String(entries).padStart(7),
    percent(hits),
    percent(measure(lruCache(entries))),
    percent(Math.log(entries + 1) / Math.log(names)).padStart(12),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(2)} %`.padStart(7);
}

/** The part of the draws that it knew. @param {Cache} cache */
function measure(cache) {
  const draw = drawing();
  let hits = 0;
  const warmUp = draws * WARM_UP_SHARE;
  for (let i = 0; i < draws; i += 1) {
    const isHit = cache.has(draw());
    if (isHit && i >= warmUp) hits += 1;
  }
  return hits / (draws - warmUp);
}

/** The same sequence for each of them (a generator by Marsaglia, xorshift). */
function drawing() {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.min(names - 1, Math.floor(names ** ((state >>> 0) / 2 ** 32)) - 1);
  };
}

/** @param {number} share @returns {Cache} */
function recordCache(share) {
  const maxOctets = Math.ceil(names * share * RECORD_OCTETS);
  const store = new OctetStore({ clock, maxOctets, staleMs: 0, hash: new NameHash(1, 2) });
  const kind = kindOf(TYPE_A);
  const entry = { valueOctets: 6, ttlSeconds: 3600, expiresAtMs: 1e12, dueAtMs: 1e12, note: 3 };
  return {
    name: 'records',
    has: (index) => {
      if (store.get(all[index], kind, store.nowMs) >= 0) return true;
      store.put(all[index], kind, entry);
      return false;
    },
    entries: () => store.entries,
  };
}

/** @param {number} share @returns {Cache} */
function answerCache(share) {
  const octets = Math.ceil(names * share * ANSWER_OCTETS);
  const cache = new AnswerCache({ clock, seed: 1, revision: () => 0, rotates: false, octets });
  const channel = channelOf('udp', 0);
  const out = new Uint8Array(4096);
  return {
    name: 'finished answers',
    has: (index) => {
      const questions = [{ name: all[index], type: TYPE_A, class: CLASS_IN }];
      const query = encodeMessage(createMessage({ rd: true, questions }));
      if (cache.answer(query, out, channel) > 0) return true;
      const rrset = { ...questions[0], ttl: 3600, rdatas: [Uint8Array.of(10, 0, 0, 1)] };
      const record = { ...questions[0], ttl: 3600, rdata: rrset.rdatas[0] };
      const reply = encodeMessage(createMessage({ qr: true, aa: true, questions, answers: [record] })); // prettier-ignore
      cache.keep(reply, reply.length, {
        rcode: 0,
        authoritative: true,
        answers: [rrset],
        authorities: [],
        additionals: [],
        repeatableUntilMs: Infinity,
      });
      return false;
    },
    entries: () => cache.statistics.entries,
  };
}

/** @param {number} max @returns {Cache} */
function lruCache(max) {
  const cache = new LRUCache({ max });
  return {
    name: 'LRU',
    has: (index) => {
      if (cache.get(index) === true) return true;
      cache.set(index, true);
      return false;
    },
    entries: () => cache.size,
  };
}
