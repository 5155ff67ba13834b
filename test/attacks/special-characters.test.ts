/**
 * Family C: labels with octets that mean something elsewhere: dots, zeros, escapes, letters of other
 * alphabets. To DNS they are octets, and two names that differ in one are two names.
 */
import { expect } from 'vitest';

import type { LogFields, Logger } from '../../src/net/logger.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { records, reply, zone, COM_ZONE, type Responder } from '../resolver/fixture.ts';
import { TAINT } from './oracles.ts';
import { attack, EVIL } from './stage.ts';

/** Answers every name with a marked address. */
const taintAll: Responder = (query) => {
  const { name, type } = query.questions[0]!;
  const answers = records('x. 300 A 203.0.113.1').map((rr) => ({ ...rr, name }));
  return reply(query, { aa: true, answers: type === RRType.A ? answers : [] });
};

function below(parent: string, ...labels: readonly (readonly number[])[]): DnsName {
  const upper = nameOf(parent);
  const wires = labels.flatMap((label) => [label.length, ...label]);
  return DnsName.fromWire(Uint8Array.of(...wires, ...upper.wire));
}

function octetsOf(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.codePointAt(0)!);
}

attack(
  {
    row: 'C1',
    name: 'all 256 octets at all places of a label: each name is resolved and kept by itself',
    setting: { evil: taintAll },
  },
  async (stage) => {
    const keys = new Set<string>();
    const asked = new Map<string, DnsName>();
    for (let octet = 0; octet < 256; octet++) {
      for (let place = 0; place < 63; place++) {
        const label = new Array<number>(63).fill(0x2d);
        label[place] = octet;
        keys.add(below('evil.com.', label).key);
      }
      // At the beginning, inside and at the end at once.
      const name = below('evil.com.', [octet, 0x2d, octet, 0x2d, octet]);
      asked.set(name.key, name);
    }
    // Every octet, but for capitals, which are their small letters; and '-' is '-' everywhere.
    expect(asked.size).toBe(256 - 26);
    expect(keys.size).toBe(63 * (256 - 26 - 1) + 1);
    for (const name of asked.values()) expect(await stage.ask(name.toString())).toMatch(TAINT);
    const { records: kept } = stage.resolver.cache;
    for (const name of asked.values()) {
      const rrset = kept.get(name, RRType.A);
      expect([...(rrset?.name.wire ?? [])], name.toString()).toEqual([...name.wire]);
    }
    expect([...kept.entries()].filter(({ type }) => type === RRType.A)).toHaveLength(asked.size);
  },
);

{
  const lookalikes = [
    String.raw`www\.example.com.`,
    String.raw`www.example\.com.com.`,
    String.raw`www.example.com\000.com.`,
    String.raw`www\000.com.`,
    String.raw`www\.example\.com.com.`,
    String.raw`\003www\007example.com.`,
    String.raw`www\007example.com.`,
    String.raw`example\032.com.`,
    String.raw`\032example.com.`,
    String.raw`example\010.com.`,
  ];
  const apexes = lookalikes.map((name) => nameOf(name));
  const honest = zone('com.', COM_ZONE);
  attack(
    {
      row: 'C1',
      name: 'names whose text reads like the name of a victim answer for themselves only',
      setting: {
        comServer: (query, via) => {
          const { name } = query.questions[0]!;
          const isLookalike = apexes.some((apex) => name.equals(apex));
          return isLookalike ? taintAll(query, via) : honest(query, via);
        },
      },
      owned: lookalikes,
    },
    async (stage) => {
      for (const name of lookalikes) expect(await stage.ask(name)).toMatch(TAINT);
      expect(await stage.ask('www.example.com.')).toContain('192.0.2.80');
      // And in the other order.
      for (const name of lookalikes) expect(await stage.ask(name)).toMatch(TAINT);
    },
  );
}

attack(
  {
    row: 'C2',
    name: 'a zero in a label reaches the server octet by octet, and ends no name',
    setting: { evil: taintAll },
  },
  async (stage) => {
    const name = below('evil.com.', octetsOf('www.example.com\0'));
    expect(await stage.ask(name.toString())).toMatch(TAINT);
    const asked = stage.internet.received
      .filter(({ message }) => message.questions[0]!.name.isSubdomainOf(nameOf('evil.com.')))
      .map(({ message }) => message.questions[0]!.name.key);
    expect(asked).toContain(name.key);
  },
);

attack(
  {
    row: 'C4',
    name: 'letters of other alphabets are no letters: nothing folds but A to Z',
    setting: { evil: taintAll },
  },
  async (stage) => {
    // KELVIN SIGN in UTF-8, A and a with grave in Latin-1, a dotless i, a sharp s.
    const labels = [
      [0xe2, 0x84, 0xaa],
      octetsOf('k'),
      [0xc0],
      [0xe0],
      [0xc4, 0xb1],
      octetsOf('i'),
      [0xdf],
      octetsOf('ss'),
      [0xff],
      [0xfe],
    ];
    for (const label of labels) {
      expect(await stage.ask(below('evil.com.', label).toString())).toMatch(TAINT);
    }
    const kept = [...stage.resolver.cache.records.entries()];
    expect(kept.filter(({ type }) => type === RRType.A)).toHaveLength(labels.length);
    const before = stage.countAsked(EVIL);
    expect(await stage.ask('K.EVIL.COM.')).toMatch(TAINT);
    expect(stage.countAsked(EVIL)).toBe(before);
  },
);

const HOSTILE = [
  String.raw`\027[31m`,
  '<img src=x onerror=alert(1)>'.replaceAll(' ', String.raw`\032`),
  String.raw`\010forged\032log\032line`,
  String.raw`"quoted\"`,
  String.raw`\000\255\127`,
  String.raw`$INCLUDE\032\064`,
  String.raw`a\;b\(c\)`,
];

{
  const lines: string[] = [];
  const write = (fields: LogFields, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields, (_, value: unknown) => printed(value))}`);
  };
  const printed = (value: unknown): unknown =>
    value instanceof DnsName ? value.toString() : value;
  const logger: Logger = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    isLevelEnabled: () => true,
  };
  attack(
    {
      row: 'C6',
      name: 'hostile names come out of logs and error texts as printable ASCII',
      setting: {
        evil: (query) => reply(query, { rcode: Rcode.SERVFAIL }),
        resolver: { logger },
      },
    },
    async (stage) => {
      lines.length = 0;
      for (const label of HOSTILE) {
        const outcome = await stage.ask(`${label}.evil.com.`);
        expect(outcome).toMatch(/^failure: [\x20-\x7e]*$/);
      }
      expect(lines.length).toBeGreaterThan(HOSTILE.length);
      for (const line of lines) expect(line).toMatch(/^[\x20-\x7e…]*$/);
    },
  );
}

attack(
  {
    row: 'C5',
    name: 'hostile names in aliases and NS sets lead to themselves only',
    setting: {
      evil: (query, via) => {
        const { name } = query.questions[0]!;
        const text = name.toString();
        if (text.startsWith('alias')) {
          const target = String.raw`www\.example.com\.evil.com.`;
          return reply(query, { aa: true, answers: records(`${text} 300 CNAME ${target}`) });
        }
        if (text.includes('cut')) {
          return reply(query, {
            authorities: records(String.raw`cut.evil.com. 300 NS ns\.example.com.`),
            additionals: records(String.raw`ns\.example.com. 300 A 203.0.113.1
              ns.example.com. 300 A 203.0.113.1`),
          });
        }
        return taintAll(query, via);
      },
    },
  },
  async (stage) => {
    await stage.ask('alias.evil.com.');
    expect(await stage.ask('www.cut.evil.com.')).toMatch(/^failure/);
    expect(await stage.ask('ns.example.com.')).not.toMatch(TAINT);
  },
);
