/**
 * Mutated zone files: a zone or located problems, never an exception, in bounded time and memory.
 * FUZZ_RUNS says how many; where TSDNS_SUITES names the folder of the suites, BIND's fuzz corpora
 * of master files and tokens are further seeds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nameOf } from '../../src/wire/name-text.ts';
import { checkZone } from '../../src/zone/check/check-zone.ts';
import { formatProblem } from '../../src/zone/problem.ts';
import { printZone } from '../../src/zone/print.ts';
import { loadZone, type Zone } from '../../src/zone/zone.ts';
import { suiteFolder, suiteTitle } from '../conformance/report.ts';
import { FUZZ_RUNS } from '../wire/support.ts';
import { CHECKED_ZONES } from './checked-zones.ts';

const ORIGIN = nameOf('example.');
/** Of one file; a file that generates records may take as long as its 65,536 records per line. */
const LIMIT_MS = 50;
const GENERATING_LIMIT_MS = 5000;

const EVERY_FORM = String.raw`$ORIGIN example.
$TTL 1h ; a comment
@ IN SOA ns h ( 1 7200 ; refresh
  600 864000 60 )
  NS ns
ns A 192.0.2.1
   AAAA 2001:db8::1
x\.y\200 5 TXT "a \" b" c\;d "" ( "e"
 f )
* MX 10 mail.\@
a CNAME b.c.
d 1w2d DNAME e.
_s._tcp SRV 1 2 3 ns
h HTTPS 1 . alpn="h2,h3" port=53 ipv4hint=192.0.2.1 key65000=a\200
i NAPTR 1 2 "s" "a+b" "!x!\\1!" .
j TYPE65400 \# 4 ( 0a0b
 0c0d )
k CLASS1 CAA 0 issue "ca; x=y"
l DS 1 8 99 ABCDEF
m RRSIG A 13 2 9 20300101000000 20200101000000 1 . AAAA
n NSEC o A RRSIG TYPE65400
o LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
p APL 1:192.168.32.0/21 !1:192.168.38.0/28
$INCLUDE part sub
$GENERATE 1-3 g${'$'}{0,3,d} A 192.0.2.$
sub NS ns.sub
ns.sub A 192.0.2.2
`;

const PIECES: readonly string[] = [
  ...['"', '(', ')', ';', '\\', '\n', '\r\n', '\r', ' ', '\t', '$', '@', '.', '*', '\0', '\xff'],
  ...[
    '$TTL ',
    '$ORIGIN ',
    '$INCLUDE ',
    '$INCLUDE part\n',
    '$INCLUDE loop\n',
    '$GENERATE 0-9 ',
    '${0,2,n}',
    '\\000',
  ],
  ...['\\# ', '\\# 4 ', 'IN ', 'CH ', 'A ', 'SOA ', 'NS ', 'TXT ', 'CNAME ', 'TYPE0 ', 'SVCB '],
  ...['0', '1', '255', '256', '65536', '4294967295', '4294967296', '99999999999', '-1', '1h'],
  'a'.repeat(64),
  'a.'.repeat(128),
  'x '.repeat(300),
];

interface Tally {
  zones: number;
  refused: number;
}

/** All that the project does with a zone file; throws where something is not as it has to be. */
function exercise(text: string, tally: Tally): void {
  const octets = Buffer.from(text, 'latin1');
  const limit = /\$generate/i.test(text) ? GENERATING_LIMIT_MS : LIMIT_MS;
  let ms = Infinity;
  // Again where it seems slow, since collecting garbage is not the file's doing.
  for (let i = 0; i < 3 && ms > limit; i++) {
    const start = performance.now();
    const loaded = load(octets);
    ms = performance.now() - start;
    if (i > 0) continue;
    if (loaded.ok) tally.zones++;
    else tally.refused++;
    if (!loaded.ok && loaded.error.length === 0) throw new Error('no zone, and no problem');
    if (loaded.ok && loaded.value.recordCount < 1000) expectSurvival(loaded.value);
  }
  if (ms > limit) throw new Error(`${ms} ms`);
}

function load(octets: Uint8Array): ReturnType<typeof loadZone> {
  const readInclude = (path: string): Uint8Array | string => INCLUDED.get(path) ?? 'no such file';
  return loadZone(octets, { file: 'a.zone', origin: ORIGIN, readInclude });
}

const INCLUDED: ReadonlyMap<string, Uint8Array> = new Map([
  ['part', Buffer.from('p 5 A 192.0.2.3\n')],
  ['loop', Buffer.from('$INCLUDE part\n$INCLUDE loop\n')],
]);

/** Zone → text → the same zone. */
function expectSurvival(zone: Zone): void {
  const text = printZone(zone);
  // The origin as it was given: the file may spell it otherwise.
  const { origin } = zone;
  const again = loadZone(Buffer.from(text, 'latin1'), { file: 'printed', origin });
  if (!again.ok) throw new Error(again.error.map(formatProblem).join('\n'));
  if (printZone(again.value) !== text) expect(printZone(again.value)).toBe(text);
  const canonical = printZone(zone, 'canonical');
  if (printZone(again.value, 'canonical') !== canonical) {
    expect(printZone(again.value, 'canonical')).toBe(canonical);
  }
}

function mutate(seeds: readonly string[], random: () => number): string {
  let text = seeds[random() % seeds.length]!;
  for (let n = 1 + (random() % 4); n > 0; n--) {
    const at = random() % (text.length + 1);
    const piece = PIECES[random() % PIECES.length]!;
    switch (random() % 5) {
      case 0:
        text = text.slice(0, at) + text.slice(at + (random() % 8));
        break;
      case 1:
        text = text.slice(0, at) + String.fromCharCode(random() & 0xff) + text.slice(at + 1);
        break;
      case 2:
        text = text.slice(0, at) + text.slice(at >> 1, at) + text.slice(at);
        break;
      case 3:
        text = text.slice(0, at);
        break;
      default:
        text = text.slice(0, at) + piece + text.slice(at);
    }
  }
  return text.slice(0, 20_000);
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

function fuzz(seeds: readonly string[], runs: number): Tally {
  const random = generator(0x20ed);
  const tally = { zones: 0, refused: 0 };
  for (let run = 0; run < runs; run++) {
    const text = mutate(seeds, random);
    try {
      exercise(text, tally);
    } catch (error) {
      throw new Error(`run ${run}: ${JSON.stringify(text)}`, { cause: error });
    }
  }
  return tally;
}

const OWN_SEEDS: readonly string[] = [
  ...CHECKED_ZONES.map(({ zone }) => zone),
  ...Array.from({ length: 40 }, () => EVERY_FORM),
];

describe('any octets are a zone that survives printing, or problems', () => {
  test('mutated zones', () => {
    const { zones, refused } = fuzz(OWN_SEEDS, FUZZ_RUNS);
    // Were all alike, the test would have looked at little.
    expect(Math.min(zones, refused)).toBeGreaterThan(FUZZ_RUNS / 20);
  }, 1_800_000);

  test('every check takes what cannot be a zone', () => {
    const random = generator(0xc4ec);
    for (let run = 0; run < FUZZ_RUNS / 10; run++) {
      const text = mutate(OWN_SEEDS, random);
      if (/\$generate/i.test(text)) continue;
      checkZone(Buffer.from(text, 'latin1'), { file: 'a.zone', origin: ORIGIN });
    }
  }, 1_800_000);

  test('memory does not grow with the files read', () => {
    fuzz(OWN_SEEDS, 500);
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    fuzz(OWN_SEEDS, 2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  }, 60_000);
});

const CORPORA = suiteFolder('wire', 'bind', 'fuzz');

describe.skipIf(CORPORA === undefined)(suiteTitle("BIND's fuzz corpora", CORPORA), () => {
  test.each(['dns_master_load.in', 'isc_lex_getmastertoken.in', 'dns_rdata_fromtext.in'])(
    '%s, as it is and mutated',
    (folder) => {
      const seeds = readdirSync(join(CORPORA!, folder)).map((file) =>
        readFileSync(join(CORPORA!, folder, file), 'latin1'),
      );
      const tally = { zones: 0, refused: 0 };
      for (const seed of seeds) exercise(seed, tally);
      expect(tally.zones + tally.refused).toBeGreaterThan(0);
      fuzz(seeds, FUZZ_RUNS / 10);
    },
    1_800_000,
  );
});

describe('unterminated everything', () => {
  const OPENINGS = [
    '"',
    '(',
    '\\',
    '\\0',
    '$',
    '$GENERATE 1-2 a${',
    '$INCLUDE "',
    'a ',
    'a 5 A (',
    'a 5 TXT "',
    '\ufeff',
  ];
  test.each(OPENINGS)('%j at the end of a zone', (opening) => {
    for (const end of ['', '\n', '\r', ' ', ';', '\\']) {
      exercise(`${EVERY_FORM}${opening}${end}`, { zones: 0, refused: 0 });
    }
  });

  test('a file that ends anywhere', () => {
    for (let end = 0; end < EVERY_FORM.length; end++) {
      exercise(EVERY_FORM.slice(0, end), { zones: 0, refused: 0 });
    }
  }, 60_000);
});
