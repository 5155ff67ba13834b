/**
 * The internet that a soak test asks about: a root, one top-level domain and fifty domains, each
 * served from an address of the steady authorities and one of those that are killed now and then.
 * What the right answer to a question is follows from its name alone.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DOMAINS = 50;
const HOSTS = 40;
/** From "ask again at once" to longer than a short run lasts. */
const TTLS = [0, 1, 5, 30, 300];
const UNIQUE_TTL = 60;

/** Addresses that the resolver asks; behind each is the fault proxy. */
export const UPPER_ADDRESSES = /** @type {const} */ (['127.0.53.1', '127.0.53.2']);
export const LOWER_ADDRESSES = /** @type {const} */ ([
  '127.0.53.11',
  '127.0.53.12',
  '127.0.53.13',
  '127.0.53.14',
]);

/**
 * @typedef {{ name: string, type: 'A' | 'AAAA' | 'TXT', expected: Expected }} Question
 * @typedef {{ rcode: 'NOERROR' | 'NXDOMAIN', data: string | undefined, records: number }} Expected
 * @typedef {() => number} Random
 */

/** Writes the zones of both kinds of authorities and the hints. @param {string} folder */
export function writeInternet(folder) {
  const upper = join(folder, 'upper');
  const lower = join(folder, 'lower');
  mkdirSync(upper, { recursive: true });
  mkdirSync(lower, { recursive: true });
  writeFileSync(join(upper, 'root.zone'), rootZone());
  writeFileSync(join(upper, 'soak.zone'), topLevelZone());
  for (let d = 0; d < DOMAINS; d += 1) {
    writeFileSync(join(lower, `d${d}.soak.zone`), domainZone(d));
  }
  const hints = join(folder, 'root.hints');
  writeFileSync(hints, lines(serverLines('.', 'root', UPPER_ADDRESSES)));
  return { upper, lower, hints };
}

/** @param {readonly string[]} text */
function lines(text) {
  return `${text.join('\n')}\n`;
}

/** @param {string} zone @param {string} label @param {readonly string[]} addresses */
function serverLines(zone, label, addresses) {
  return addresses.flatMap((address, i) => [
    `${zone} 60 IN NS ${label}${i}.ns.soak.`,
    `${label}${i}.ns.soak. 60 IN A ${address}`,
  ]);
}

/** @param {string} zone */
function soaLine(zone) {
  return `${zone} 60 IN SOA a.ns.soak. hostmaster.soak. 1 3600 600 86400 10`;
}

function rootZone() {
  return lines([
    soaLine('.'),
    ...serverLines('.', 'root', UPPER_ADDRESSES),
    ...serverLines('soak.', 'top', UPPER_ADDRESSES),
  ]);
}

function topLevelZone() {
  const domains = Array.from({ length: DOMAINS }, (_, d) => [
    `d${d}.soak. 30 IN NS low${d % 2 === 0 ? 0 : 2}.ns.soak.`,
    `d${d}.soak. 30 IN NS low${d % 2 === 0 ? 1 : 3}.ns.soak.`,
  ]);
  return lines([
    soaLine('soak.'),
    ...serverLines('soak.', 'top', UPPER_ADDRESSES),
    ...LOWER_ADDRESSES.map((address, i) => `low${i}.ns.soak. 60 IN A ${address}`),
    ...domains.flat(),
  ]);
}

/** @param {number} d */
function domainZone(d) {
  const zone = `d${d}.soak.`;
  const hosts = Array.from({ length: HOSTS }, (_, h) => [
    `h${h}.${zone} ${ttlOf(d, h)} IN A ${addressOf(d, h)}`,
    `a${h}.${zone} ${ttlOf(h, d)} IN CNAME h${h}.d${(d + 1) % DOMAINS}.soak.`,
  ]);
  const texts = Array.from(
    { length: 30 },
    (_, i) => `big.${zone} 5 IN TXT "${i}${'-'.repeat(60)}"`,
  );
  return lines([
    soaLine(zone),
    `${zone} 60 IN NS low${d % 2 === 0 ? 0 : 2}.ns.soak.`,
    `${zone} 60 IN NS low${d % 2 === 0 ? 1 : 3}.ns.soak.`,
    `*.u.${zone} ${UNIQUE_TTL} IN A ${addressOf(d, 255)}`,
    ...texts,
    ...hosts.flat(),
  ]);
}

/** @param {number} d @param {number} h */
function ttlOf(d, h) {
  return TTLS[(d + h) % TTLS.length];
}

/** @param {number} d @param {number} h */
function addressOf(d, h) {
  return `10.53.${d}.${h}`;
}

let unique = 0;

/** One question, drawn as users ask: few names often, most of them seldom. @param {Random} random */
export function drawQuestion(random) {
  const d = Math.floor(DOMAINS * random() ** 2);
  const h = Math.floor(HOSTS * random() ** 2);
  const kind = random();
  if (kind < 0.55) return question(`h${h}.d${d}.soak`, 'A', addressOf(d, h));
  if (kind < 0.65) {
    return question(`a${h}.d${d}.soak`, 'A', addressOf((d + 1) % DOMAINS, h), 2);
  }
  if (kind < 0.82) return uniqueQuestion(random);
  if (kind < 0.91) return question(`no${(unique += 1)}.d${d}.soak`, 'A', undefined, 0, 'NXDOMAIN');
  if (kind < 0.99) return question(`h${h}.d${d}.soak`, 'AAAA', undefined, 0);
  return question(`big.d${d}.soak`, 'TXT', undefined, 30);
}

/** A name that nobody has asked for before. @param {Random} random */
function uniqueQuestion(random) {
  const d = Math.floor(DOMAINS * random());
  return question(`x${(unique += 1)}.u.d${d}.soak`, 'A', addressOf(d, 255));
}

/** Fills both caches: a fifth of the names is one that does not exist. @param {Random} random */
export function fillingQuestion(random) {
  if (random() < 0.8) return uniqueQuestion(random);
  return question(`no${(unique += 1)}.d0.soak`, 'A', undefined, 0, 'NXDOMAIN');
}

/**
 * @param {string} name
 * @param {Question['type']} type
 * @param {string | undefined} data
 * @param {number} records
 * @param {Expected['rcode']} rcode
 * @returns {Question}
 */
// eslint-disable-next-line max-params
function question(name, type, data, records = 1, rcode = 'NOERROR') {
  return { name, type, expected: { rcode, data, records } };
}
