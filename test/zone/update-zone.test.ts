/** Updates of a zone (RFC 2136): prerequisites, all forms of updates, and what is passed over. */
import { describe, expect, test } from 'vitest';

import { DnsClass, parseType, Rcode, rcodeText, RRType } from '../../src/wire/iana.ts';
import { nameOf, octetsOf } from '../../src/wire/name-text.ts';
import { parseRdata } from '../../src/wire/rdata/rdata.ts';
import { splitTokens } from '../../src/wire/rdata/tokens.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import { editZone } from '../../src/zone/edit-zone.ts';
import { printRecords } from '../../src/zone/print.ts';
import { updateLimits, updateZone } from '../../src/zone/update-zone.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { zoneOf } from './answer.ts';

const ZONE = `$TTL 300
@ SOA ns h 7 2 3 4 5
@ NS ns
@ MX 10 mail
ns A 192.0.2.1
two A 192.0.2.2
two A 192.0.2.3
alias CNAME www.example.net.
below.empty TXT x
`;
const zone = zoneOf(ZONE, 'example.');
const CLASSES: Readonly<Record<string, number>> = { IN: 1, NONE: 254, ANY: 255 };

/** 'two 0 ANY A', names relative to the zone. */
function record(text: string): ResourceRecord {
  const [owner = '', ttl, dnsClass = '', typeName = '', ...rest] = text.split(' ');
  const type = parseType(typeName)!;
  const origin = nameOf('example.');
  const name = owner === '@' ? origin : nameOf(owner.endsWith('.') ? owner : `${owner}.example.`);
  const tokens = splitTokens(octetsOf(rest.join(' ')));
  const rdata = rest.length === 0 ? undefined : parseRdata(type, tokens, origin);
  if (rdata && !rdata.ok) throw new Error(rdata.error.message);
  const octets = rdata?.value ?? new Uint8Array(0);
  return { name, type, class: CLASSES[dnsClass]!, ttl: Number(ttl), rdata: octets };
}

interface Seen {
  readonly rcode: string;
  /** '- record' and '+ record', SOA records apart. */
  readonly changes: readonly string[];
  readonly serial: number;
}

function update(
  updates: readonly string[],
  { if: prerequisites = [], of = zone }: { if?: readonly string[]; of?: Zone } = {},
): Seen {
  const result = updateZone(of, {
    prerequisites: prerequisites.map(record),
    updates: updates.map(record),
  });
  if (result.kind === 'refused') {
    return { rcode: rcodeText(result.rcode), changes: [], serial: of.serial };
  }
  const { difference } = result;
  if (!difference) return { rcode: 'NOERROR', changes: [], serial: of.serial };
  const edited = editZone(of, difference);
  if (!edited.ok) throw new Error(edited.error);
  const lines = (sign: string, records: readonly ResourceRecord[]): readonly string[] =>
    records.map((one) => `${sign} ${printRecords([one]).trim().replaceAll(/ +/g, ' ')}`);
  const changes = [...lines('-', difference.deleted), ...lines('+', difference.added)];
  return { rcode: 'NOERROR', changes, serial: edited.value.serial };
}

describe('a prerequisite (RFC 2136 §2.4)', () => {
  test.each([
    ['a name in use that is not', 'none 0 ANY ANY', 'NXDOMAIN'],
    ['an empty non-terminal in use', 'empty 0 ANY ANY', 'NXDOMAIN'],
    ['a name in use', 'two 0 ANY ANY', 'NOERROR'],
    ['a name not in use that is', 'two 0 NONE ANY', 'YXDOMAIN'],
    ['a name not in use', 'none 0 NONE ANY', 'NOERROR'],
    ['an RRset that is not there', 'two 0 ANY TXT', 'NXRRSET'],
    ['an RRset that is', 'two 0 ANY A', 'NOERROR'],
    ['no RRset where there is one', 'two 0 NONE A', 'YXRRSET'],
    ['no RRset', 'two 0 NONE TXT', 'NOERROR'],
    ['a name outside the zone', 'two.example.net. 0 ANY ANY', 'NOTZONE'],
    ['a TTL', 'two 1 ANY A', 'FORMERR'],
    ['data where none may be', 'two 0 ANY A 192.0.2.2', 'FORMERR'],
    ['a part of an RRset', 'two 0 IN A 192.0.2.2', 'NXRRSET'],
    ['a type that holds no data', 'two 0 ANY AXFR', 'FORMERR'],
  ])('%s', (_what, prerequisite, rcode) => {
    expect(update(['new 300 IN A 192.0.2.9'], { if: [prerequisite] }).rcode).toBe(rcode);
  });

  test('an RRset with all its records, whatever their order and letter case', () => {
    const both = ['two 0 IN A 192.0.2.3', 'two 0 IN A 192.0.2.2'];
    expect(update([], { if: both }).rcode).toBe('NOERROR');
    expect(update([], { if: ['@ 0 IN MX 10 MAIL'] }).rcode).toBe('NOERROR');
    expect(update([], { if: [...both, 'two 0 IN A 192.0.2.4'] }).rcode).toBe('NXRRSET');
  });

  test('that fails lets nothing happen', () => {
    const seen = update(['new 300 IN A 192.0.2.9'], { if: ['none 0 ANY ANY'] });
    expect(seen).toEqual({ rcode: 'NXDOMAIN', changes: [], serial: 7 });
  });
});

describe('an update (RFC 2136 §2.5)', () => {
  test.each([
    ['adds a record', 'new 300 IN A 192.0.2.9', ['+ new.example. 300 IN A 192.0.2.9']],
    ['adds to an RRset', 'two 300 IN A 192.0.2.4', ['+ two.example. 300 IN A 192.0.2.4']],
    ['adds what is there', 'two 300 IN A 192.0.2.2', []],
    [
      'replaces the one alias',
      'alias 300 IN CNAME other.example.net.',
      [
        '- alias.example. 300 IN CNAME www.example.net.',
        '+ alias.example. 300 IN CNAME other.example.net.',
      ],
    ],
    ['puts no alias beside data (§3.4.2.2)', 'two 300 IN CNAME www.example.net.', []],
    ['puts no data beside an alias (§3.4.2.2)', 'alias 300 IN A 192.0.2.9', []],
    ['deletes a record', 'two 0 NONE A 192.0.2.2', ['- two.example. 300 IN A 192.0.2.2']],
    ['deletes none that is not there', 'two 0 NONE A 192.0.2.99', []],
    [
      'deletes an RRset',
      'two 0 ANY A',
      ['- two.example. 300 IN A 192.0.2.2', '- two.example. 300 IN A 192.0.2.3'],
    ],
    ['deletes a name', 'alias 0 ANY ANY', ['- alias.example. 300 IN CNAME www.example.net.']],
    [
      'deletes all of the apex but SOA and NS (§3.4.2.3)',
      '@ 0 ANY ANY',
      ['- example. 300 IN MX 10 mail.example.'],
    ],
    ['deletes not the NS of the apex', '@ 0 ANY NS', []],
    ['deletes not the last NS of the apex (§3.4.2.4)', '@ 0 NONE NS ns', []],
    ['deletes not the SOA', '@ 0 ANY SOA', []],
    ['takes no older SOA (§3.4.2.2)', '@ 300 IN SOA ns h 6 2 3 4 5', []],
    ['takes no SOA below the apex', 'two 300 IN SOA ns h 9 2 3 4 5', []],
  ])('%s', (_what, text, changes) => {
    const seen = update([text]);
    expect(seen.rcode).toBe('NOERROR');
    expect(seen.changes).toEqual(changes);
    // RFC 2136 §3.6: the serial tells secondaries of it, and of nothing else.
    expect(seen.serial).toBe(changes.length > 0 ? 8 : 7);
  });

  test.each([
    ['outside the zone', 'a.example.net. 300 IN A 192.0.2.9', 'NOTZONE'],
    ['of a type that holds no data', 'a 300 IN ANY', 'FORMERR'],
    ['that deletes an RRset with a TTL', 'two 300 ANY A', 'FORMERR'],
    ['that deletes an RRset with data', 'two 0 ANY A 192.0.2.2', 'FORMERR'],
    ['that deletes a record of type ANY', 'two 0 NONE ANY', 'FORMERR'],
    ['whose data have not the form of its type', 'a 300 IN A', 'FORMERR'],
  ])('%s voids all of the message (§3.4.1)', (_what, text, rcode) => {
    const seen = update(['new 300 IN A 192.0.2.9', text]);
    expect(seen).toEqual({ rcode, changes: [], serial: 7 });
  });

  test('gives an RRset one TTL, the newest (RFC 2181 §5.2)', () => {
    expect(update(['two 60 IN A 192.0.2.2']).changes.toSorted()).toEqual([
      '+ two.example. 60 IN A 192.0.2.2',
      '+ two.example. 60 IN A 192.0.2.3',
      '- two.example. 300 IN A 192.0.2.2',
      '- two.example. 300 IN A 192.0.2.3',
    ]);
  });

  test('sees what the ones before it did', () => {
    const seen = update([
      'two 0 ANY A',
      'two 300 IN CNAME www.example.net.',
      'x 300 IN A 192.0.2.9',
    ]);
    expect(seen.changes).toContain('+ two.example. 300 IN CNAME www.example.net.');
    const undone = update(['new 300 IN A 192.0.2.9', 'new 0 ANY ANY']);
    expect(undone).toEqual({ rcode: 'NOERROR', changes: [], serial: 7 });
    expect(update(['@ 300 IN NS other', '@ 0 NONE NS ns']).changes).toEqual([
      '- example. 300 IN NS ns.example.',
      '+ example. 300 IN NS other.example.',
    ]);
  });

  test('with a newer SOA brings its serial; without, the next one, over 2^32 but for 0', () => {
    expect(update(['@ 300 IN SOA ns h 100 2 3 4 5']).serial).toBe(100);
    const last = zoneOf(ZONE.replace('h 7', 'h 4294967295'), 'example.');
    expect(update(['new 300 IN A 192.0.2.9'], { of: last }).serial).toBe(1);
  });

  test('does not let an RRset or a name grow for ever', () => {
    const many = Array.from(
      { length: updateLimits.recordsPerRRset + 1 },
      (_, i) => `m 1 IN TXT ${i}`,
    );
    expect(update(many.slice(1)).rcode).toBe('NOERROR');
    expect(update(many)).toEqual({ rcode: rcodeText(Rcode.REFUSED), changes: [], serial: 7 });
    const types = Array.from({ length: 101 }, (_, i) => `t 1 IN TYPE${65_280 + i} \\# 0`);
    expect(update(types.slice(1)).rcode).toBe('NOERROR');
    expect(update(types).rcode).toBe('REFUSED');
  });
});

test('a name that an update empties does not exist any more', () => {
  const result = updateZone(zone, {
    prerequisites: [],
    updates: [record('below.empty 0 ANY ANY')],
  });
  if (result.kind === 'refused') throw new Error(rcodeText(result.rcode));
  const edited = editZone(zone, result.difference!);
  if (!edited.ok) throw new Error(edited.error);
  expect(edited.value.find(nameOf('empty.example.'), RRType.A).kind).toBe('nxdomain');
  expect(edited.value.soa.class).toBe(DnsClass.IN);
});
