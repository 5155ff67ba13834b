import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { dnsName } from './arbitraries.ts';

const octets = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

describe('names are compared as octets, RFC 4343 §3', () => {
  test('letter case of ASCII does not count', () => {
    expect(nameOf('WwW.ExAmPlE.').equals(nameOf('wWw.eXaMpLe.'))).toBe(true);
    expect(nameOf('WwW.ExAmPlE.').key).toBe(nameOf('www.example.').key);
  });

  test('of all pairs of octets only A-Z and a-z are equal', () => {
    for (let a = 0; a < 256; a++) {
      for (let b = 0; b < 256; b++) {
        const x = DnsName.fromLabels([Uint8Array.of(a)])!;
        const y = DnsName.fromLabels([Uint8Array.of(b)])!;
        const isLetter = (a | 0x20) >= 0x61 && (a | 0x20) <= 0x7a;
        const isSame = a === b || (isLetter && (a ^ b) === 0x20);
        if (x.equals(y) !== isSame || (x.key === y.key) !== isSame) expect([a, b]).toBe(isSame);
      }
    }
  });

  test('KELVIN SIGN is no K, in UTF-8 or otherwise', () => {
    expect(nameOf('\u212a.').equals(nameOf('k.'))).toBe(false);
    expect(nameOf('\u212a.').key).not.toBe(nameOf('K.').key);
  });

  test('a dot inside a label is not a dot between labels', () => {
    const inside = DnsName.fromLabels([octets('www.bank'), octets('com')])!;
    const between = nameOf('www.bank.com.');
    expect(inside.equals(between)).toBe(false);
    expect(inside.key).not.toBe(between.key);
    expect(inside.toString()).toBe('www\\.bank.com.');
    expect(inside.isSubdomainOf(nameOf('bank.com.'))).toBe(false);
  });

  test('a length octet in a label is not the start of a label', () => {
    const tricky = DnsName.fromLabels([octets('a\x03com')])!;
    expect(tricky.isSubdomainOf(nameOf('com.'))).toBe(false);
  });
});

describe('the limits of RFC 1035 §2.3.4', () => {
  test('63 octets are a label, 64 and none are not', () => {
    for (const [length, isLabel] of [
      [1, true],
      [63, true],
      [64, false],
      [0, false],
    ] as const) {
      const label = new Uint8Array(length).fill(0x61);
      expect(DnsName.fromLabels([label]) !== undefined).toBe(isLabel);
      expect(nameOf('example.').child(label) !== undefined).toBe(isLabel);
    }
  });

  test('a child that would be longer than 255 octets does not exist', () => {
    const long = DnsName.fromLabels([63, 63, 63, 61].map((n) => new Uint8Array(n).fill(0x61)))!;
    expect(long.wire.length).toBe(255);
    expect(long.child(octets('a'))).toBeUndefined();
    expect(long.wildcard).toBeUndefined();
    expect(long.parent.child(new Uint8Array(63))?.wire.length).toBe(255);
    expect(long.parent.child(new Uint8Array(1))?.child(new Uint8Array(62))).toBeUndefined();
  });

  test('127 labels fit', () => {
    const deep = DnsName.fromLabels(new Array<Uint8Array>(127).fill(octets('a')))!;
    expect([deep.labelCount, deep.wire.length]).toEqual([127, 255]);
    expect(DnsName.fromLabels(new Array<Uint8Array>(128).fill(octets('a')))).toBeUndefined();
  });
});

describe('canonical order, RFC 4034 §6.1', () => {
  const ordered = [
    'example.',
    'a.example.',
    'yljkjljk.a.example.',
    'Z.a.example.',
    'zABC.a.EXAMPLE.',
    'z.example.',
    '\\001.z.example.',
    '*.z.example.',
    '\\200.z.example.',
  ].map((text) => nameOf(text));

  test('the example of the RFC', () => {
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) {
        expect(Math.sign(a.compare(b))).toBe(Math.sign(i - j));
      }
    }
  });

  test('is an order: antisymmetric, transitive, 0 exactly for equal names', () => {
    fc.assert(
      fc.property(dnsName, dnsName, dnsName, (a, b, c) => {
        expect(Math.sign(a.compare(b)) + Math.sign(b.compare(a))).toBe(0);
        expect(a.compare(b) === 0).toBe(a.equals(b));
        if (a.compare(b) <= 0 && b.compare(c) <= 0) expect(a.compare(c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('the tree of names', () => {
  test('ancestors, and what is below what', () => {
    const www = nameOf('www.Example.com.');
    expect(www.parent.toString()).toBe('Example.com.');
    expect(www.ancestor(1).toString()).toBe('com.');
    expect(www.ancestor(0)).toBe(DnsName.root);
    expect(DnsName.root.parent).toBe(DnsName.root);
    expect(www.isSubdomainOf(nameOf('EXAMPLE.com.'))).toBe(true);
    expect(www.isSubdomainOf(www)).toBe(true);
    expect(www.isBelow(www)).toBe(false);
    expect(nameOf('badexample.com.').isSubdomainOf(nameOf('example.com.'))).toBe(false);
    expect(nameOf('com.').isSubdomainOf(www)).toBe(false);
  });

  test('moving below another name, RFC 6672 §2.2', () => {
    const moved = nameOf('a.b.old.').rebased(nameOf('old.'), nameOf('new.example.'));
    expect(moved?.toString()).toBe('a.b.new.example.');
    const long = DnsName.fromLabels([63, 63, 63, 57].map((n) => new Uint8Array(n).fill(0x61)))!;
    expect(long.rebased(DnsName.root, nameOf('abc.'))?.wire.length).toBe(255);
    expect(long.rebased(DnsName.root, nameOf('abcd.'))).toBeUndefined();
  });

  test('a name is below each of its ancestors and made of its labels', () => {
    fc.assert(
      fc.property(dnsName, (name) => {
        for (let n = 0; n <= name.labelCount; n++) {
          expect(name.isSubdomainOf(name.ancestor(n))).toBe(true);
        }
        expect(DnsName.fromLabels(name.labels)!.wire).toEqual(name.wire);
      }),
    );
  });
});
