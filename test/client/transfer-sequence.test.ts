/** Where transfers end (RFC 5936 §2.2, RFC 1995 §4), by the records alone. */
import { describe, expect, test } from 'vitest';
import { TransferSequence } from '../../src/client/transfer-sequence.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { records } from '../resolver/fixture.ts';

const soa = (serial: number, zone = 'example.'): string =>
  `${zone} 300 SOA ns.example. h.example. ${serial} 1 2 3 4`;
const A = 'a.example. 300 A 192.0.2.1';

/** What is made of each record; nothing more after the end. */
function steps(lines: readonly string[], knownSerial?: number): string {
  const sequence = new TransferSequence(nameOf('example.'), knownSerial);
  const said: string[] = [];
  for (const record of lines.flatMap((line) => records(line))) {
    const step = sequence.take(record);
    said.push(step);
    if (step !== 'more') break;
  }
  return said.join(' ');
}

describe('AXFR', () => {
  test.each([
    ['ends with the second SOA', [soa(1), A, soa(1)], 'more more end'],
    ['of nothing but a SOA has two', [soa(1), soa(1)], 'more end'],
    ['begins with a SOA', [A, soa(1)], 'no SOA'],
    ['begins with the SOA of the zone', [soa(1, 'other.')], 'no SOA'],
    [
      'holds the SOA of no other zone',
      [soa(1), soa(1, 'sub.example.'), A, soa(1)],
      'more more more end',
    ],
    ['may change its serial on the way', [soa(1), A, soa(2)], 'more more end'],
  ])('%s', (_, lines, expected) => {
    expect(steps(lines)).toBe(expected);
  });
});

describe('IXFR from serial 1', () => {
  test.each([
    [
      'is differences, each deletions and additions',
      [soa(3), soa(1), A, soa(2), A, A, soa(2), soa(3), A, soa(3)],
      'more more more more more more more more more end',
    ],
    [
      'may have nothing to delete or to add',
      [soa(2), soa(1), soa(2), soa(2)],
      'more more more end',
    ],
    ['may be the whole zone', [soa(3), A, A, soa(3)], 'more more more end'],
    ['may be the whole of an empty zone', [soa(3), soa(3)], 'more end'],
    ['is the SOA alone where there is nothing new', [soa(1)], 'end'],
    ['and where the server has less', [soa(0)], 'end'],
    ['serials go round (RFC 1982 §3.2)', [soa(0xffff_ffff)], 'end'],
    ['begins with a SOA', [A], 'no SOA'],
  ])('%s', (_, lines, expected) => {
    expect(steps(lines, 1)).toBe(expected);
  });

  test('a serial just behind the turn is newer', () => {
    expect(steps([soa(1), A, soa(1)], 0xffff_fff0)).toBe('more more end');
  });
});
