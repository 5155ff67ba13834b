/**
 * What is measured: for each task the zone, the questions with their answers, and who is asked.
 *
 * Authority: one zone of so many names. Cache: the same names, fetched before from an NSD that is
 * not measured; latency: the same at half of what each can do, and at half of what the slowest can.
 * Recursion: names that nobody has asked before, in zones under ten top-level domains; the root, the
 * top-level domains and the zones are on NSDs of their own, on port 53 of loopback addresses.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {'authority' | 'npm' | 'workers' | 'cache' | 'latency' | 'recursion'} Kind
 * @typedef {{
 *   name: string, kind: Kind, names: number, edns: boolean,
 *   question: (index: number) => string, order?: 'zipf', atLeast?: boolean, only?: readonly string[],
 * }} Task
 */

export const ORIGIN = 'bench.example.';
const TLDS = 10;

/** @param {number} index */
function addressOf(index) {
  return [10, (index >> 16) & 255, (index >> 8) & 255, index & 255];
}

/** @param {number} index */
function hexOf(index) {
  return Buffer.from(addressOf(index)).toString('hex');
}

/** @param {number} index */
function found(index) {
  const name = `h${index >> 1}.${ORIGIN}`;
  if ((index & 1) === 0) return `${name} A NOERROR ${hexOf(index >> 1)}`;
  const tail = (index >> 1).toString(16).padStart(8, '0');
  return `${name} AAAA NOERROR 20010db80000000000000000${tail}`;
}

/** @param {number} index */
const addresses = (index) => `h${index}.${ORIGIN} A NOERROR ${hexOf(index)}`;

/** @param {{ names: number, zones: number }} scale @returns {readonly Task[]} */
export function tasksOf({ names, zones }) {
  /** @type {(name: string, kind: Kind, count: number, question: Task['question']) => Task} */
  const task = (name, kind, count, question) => ({ name, kind, names: count, edns: true, question }); // prettier-ignore
  return [
    { ...task('authority, 20,000 RRsets', 'authority', 20_000, found), edns: false },
    task('authority, 20,000 RRsets, EDNS', 'authority', 20_000, found),
    task('authority, 1,000,000 names', 'authority', 1_000_000, addresses),
    task('NXDOMAIN', 'authority', 20_000, (i) => `n${i}.${ORIGIN} A NXDOMAIN`),
    task('NODATA', 'authority', 20_000, (i) => `h${i >> 1}.${ORIGIN} MX NOERROR -`),
    task('referral', 'authority', 20_000, (i) => `w.d${i % 1000}.${ORIGIN} A NOERROR -`),
    task('wildcard', 'authority', 20_000, (i) => `w${i}.wild.${ORIGIN} A NOERROR c0000263`),
    task('CNAME chain', 'authority', 20_000, (i) => `c${i % 1000}.${ORIGIN} A NOERROR`),
    { ...task('beside packages of npm', 'npm', 20_000, found), edns: false },
    task('one worker and two', 'workers', 20_000, found),
    task('cache hits, 20,000 RRsets', 'cache', 20_000, found),
    {
      ...task('cache hits, 1,000,000 RRsets, Zipf', 'cache', 1_000_000, addresses),
      order: 'zipf',
      // The others take minutes each to fetch a million names.
      only: ['ts-dns', 'unbound'],
    },
    task('cached, at half of capacity', 'latency', 20_000, found),
    { ...task('cached, at half of the least capacity', 'latency', 20_000, found), atLeast: true },
    task('recursion', 'recursion', names, (i) => {
      const zone = i % zones;
      return `w${Math.floor(i / zones)}.z${zone}.t${zone % TLDS}. A NOERROR c0000207`;
    }),
  ];
}

/** Every name once, in an order in which neighbours lie apart. @param {Task} task @param {string} file */
export function writeQuestions({ names, question, order }, file) {
  const step = coprime(names);
  const lines = Array.from({ length: names }, (_, i) => question((i * step) % names));
  writeFileSync(file, `${lines.join('\n')}\n`);
  if (order !== 'zipf') return file;
  const drawn = `${file}.zipf`;
  writeFileSync(
    drawn,
    `${Array.from({ length: names }, () => question(zipf(names))).join('\n')}\n`,
  );
  return drawn;
}

/** An index of which the first are drawn most often (exponent 1). @param {number} count */
function zipf(count) {
  return Math.min(count - 1, Math.floor(count ** Math.random()) - 1);
}

/** @param {number} count */
function coprime(count) {
  let step = Math.max(1, Math.floor(count * 0.618));
  const divisor = (/** @type {number} */ a, /** @type {number} */ b) => {
    let [x, y] = [a, b];
    while (y > 0) [x, y] = [y, x % y];
    return x;
  };
  while (divisor(step, count) > 1) step += 1;
  return step;
}

/** The zone of the authority, or of the whole world in front of a cache. */
/** @param {string} folder @param {number} names @param {string} nameServer */
export function writeZone(folder, names, nameServer) {
  mkdirSync(folder, { recursive: true });
  const lines = [
    `$ORIGIN ${ORIGIN}`,
    '$TTL 86400',
    '@ SOA ns hostmaster 1 3600 900 604800 300',
    '@ NS ns',
    `ns A ${nameServer}`,
    '*.wild A 192.0.2.99',
  ];
  for (let i = 0; i < 1000; i += 1) {
    lines.push(`d${i} NS ns.d${i}`, `ns.d${i} A 192.0.2.1`, `c${i} CNAME b${i}`);
    lines.push(`b${i} CNAME h${i}`);
  }
  for (let i = 0; i < names; i += 1) {
    const [, b = 0, c = 0, d = 0] = addressOf(i);
    lines.push(`h${i} A 10.${b}.${c}.${d}`);
    if (names <= 20_000) lines.push(`h${i} AAAA 2001:db8::${i.toString(16)}`);
  }
  const file = join(folder, 'bench.zone');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** A root in front of it, where `tldServer` is asked next. */
/** @param {string} folder @param {string} nameServer @param {string} [tldServer] */
export function writeRoot(folder, nameServer, tldServer = nameServer) {
  mkdirSync(folder, { recursive: true });
  const tlds = Array.from({ length: TLDS }, (_, i) => [`t${i}. NS ns.t${i}.`, `ns.t${i}. A ${tldServer}`]).flat(); // prettier-ignore
  const lines = [
    '. 86400 SOA ns.root-servers.test. hostmaster. 1 3600 900 604800 300',
    '. 86400 NS ns.root-servers.test.',
    `ns.root-servers.test. 86400 A ${nameServer}`,
    `${ORIGIN} 86400 NS ns.${ORIGIN}`,
    `ns.${ORIGIN} 86400 A ${nameServer}`,
    ...tlds,
  ];
  return write(join(folder, 'root.zone'), ['$TTL 86400', ...lines]);
}

/**
 * A world of three levels, the files of each for servers of its own: or one that has them all would
 * answer at once, and nobody would have to follow a referral.
 *
 * @typedef {readonly (readonly string[])[]} Zones
 * @param {string} folder
 * @param {{ root: string, tld: string, zones: readonly string[] }} servers addresses; of the zones' in turns
 * @param {{ names: number, zones: number }} scale
 * @returns {{ root: Zones, tlds: Zones, zones: Zones }}
 */
export function writeWorld(folder, servers, { names, zones }) {
  const root = [['.', writeRoot(folder, servers.root, servers.tld)]];
  const serverOf = (/** @type {number} */ z) => servers.zones[z % servers.zones.length];
  const tlds = Array.from({ length: TLDS }, (_, t) => {
    const lines = ['$TTL 86400', '@ SOA ns h 1 3600 900 604800 300', '@ NS ns', `ns A ${servers.tld}`]; // prettier-ignore
    for (let z = t; z < zones; z += TLDS) lines.push(`z${z} NS ns.z${z}`, `ns.z${z} A ${serverOf(z)}`); // prettier-ignore
    return [`t${t}.`, write(join(folder, `t${t}.zone`), lines)];
  });
  const hosts = Math.ceil(names / zones);
  const below = Array.from({ length: zones }, (_, z) => {
    const lines = ['$TTL 86400', '@ SOA ns h 1 3600 900 604800 300', '@ NS ns', `ns A ${serverOf(z)}`, '* A 192.0.2.7']; // prettier-ignore
    for (let w = 0; w < hosts; w += 1) lines.push(`w${w} A 192.0.2.7`);
    return [`z${z}.t${z % TLDS}.`, write(join(folder, `z${z}.zone`), lines)];
  });
  return { root, tlds, zones: below };
}

/** @param {string} file @param {readonly string[]} lines */
function write(file, lines) {
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
