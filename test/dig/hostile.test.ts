/** A server that wants to write on the user's terminal, whatever way it is asked. */
import { domainToUnicode } from 'node:url';
import { describe, expect, test } from 'vitest';

import { unicodeName } from '../../src/dig/print-style.ts';
import { EdnsOption, RRType } from '../../src/wire/iana.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import { records, Scene, type Script } from './scene.ts';

const SERVER = '192.0.2.53';
/** Clears the screen, sets the title of the window, rings; C1 and UTF-8 octets; quotes. */
const EVIL = '\u001b[2J\u001b]0;owned\u0007\u009b\u0085\u007f\r\u202e"\\\'';
const evilOctets = Buffer.from(EVIL, 'utf8');
const evilName = nameOf(
  `${[...evilOctets].map((octet) => `\\${String(octet).padStart(3, '0')}`).join('')}.example.`,
);

function record(type: number, rdata: Uint8Array): ResourceRecord {
  return { name: evilName, type, class: 1, ttl: 60, rdata };
}

const text = Uint8Array.of(evilOctets.length, ...evilOctets);
const soaNumbers = new Uint8Array(20);
const SOA = record(RRType.SOA, Uint8Array.of(...evilName.wire, ...evilName.wire, ...soaNumbers));
const glue = records('a.root. 60 A 192.0.2.53').map((one) => ({ ...one, name: evilName }));
const options = [EdnsOption.NSID, EdnsOption.COOKIE, 9, 11, 13, 14, 19, 65_001].map((code) => ({
  code,
  data: evilOctets,
}));
const ede = { code: EdnsOption.EDE, data: Uint8Array.of(0, 15, ...evilOctets) };

const hostile: Script = (asked, { questions }) => {
  const edns = { ...plainEdns(), options: [...options, ede] };
  const ns = (name: string): ResourceRecord => ({
    ...record(RRType.NS, evilName.wire),
    name: nameOf(name),
  });
  if (asked === '. NS') return { answers: [ns('.')], additionals: glue, edns };
  switch (questions[0]?.type ?? RRType.A) {
    case RRType.NS:
      return { answers: [ns(asked.split(' ')[0] ?? '.')], additionals: glue, edns };
    case RRType.SOA:
    case RRType.AXFR:
      return { answers: [SOA, record(RRType.TXT, text), SOA], edns };
    case RRType.A:
      return { answers: glue, edns };
    default:
      return {
        aa: true,
        answers: [
          record(RRType.TXT, text),
          record(RRType.CAA, Uint8Array.of(0, 1, 97, ...evilOctets)),
          record(
            RRType.NAPTR,
            Uint8Array.of(0, 1, 0, 1, ...text, ...text, ...text, ...evilName.wire),
          ),
          record(65_400, evilOctets),
        ],
        authorities: [SOA],
        additionals: glue,
        edns,
      };
  }
};

const WAYS = [
  ...['', '+short', '+short +identify', '+yaml', '+json', '+multiline', '+qr', '+ttlbar', '+nsid'],
  ...['+trace', '+trace=steps', '+trace=dot', '+trace +json', '+trace +yaml', '+watch=1'],
  ...['+compare @192.0.2.54', '+compare +json @192.0.2.54', '+besteffort', '+showbadcookie'],
  ...[
    '+nssearch',
    '+nssearch +noshort',
    '+explain',
    '+explain +json',
    '+expandaaaa +noall +answer',
  ],
];

describe('a hostile reply reaches the terminal in printable letters only', () => {
  const questions = ['www.example txt', 'www.example axfr', 'www.example soa', 'www.example ns'];
  for (const way of WAYS) {
    test(way === '' ? 'dig’s own layout' : way, async () => {
      const scene = new Scene();
      await scene.serve(SERVER, hostile);
      await scene.serve('192.0.2.54', hostile);
      for (const question of questions) {
        const line = `@${SERVER} ${question} +time=1 +tries=1 ${way}`.trim();
        const { out, err } = await scene.dig(line, undefined, 2500);
        expect(out + err).toMatch(/^[\t\n\x20-\x7e]*$/);
      }
    });
  }

  test('on a terminal with colours and names in Unicode, too', async () => {
    const scene = new Scene();
    scene.usesColours = true;
    await scene.serve(SERVER, hostile);
    const { out } = await scene.dig(`@${SERVER} www.example txt +idnout`);
    // eslint-disable-next-line no-control-regex -- our own colours, which are to be taken out.
    expect(out.replaceAll(/\u001b\[[0-9;]*m/g, '')).toMatch(/^[\t\n\x20-\x7e]*$/);
  });
});

describe('a name in Unicode', () => {
  test.each([
    ['xn--bcher-kva.example.', 'bücher.example.'],
    ['Www.xn--80a.Example.', 'Www.а.Example.'],
    // Hosts of URLs would end at these, and another name would be shown.
    ['bank/x.xn--80a.', 'bank/x.а.'],
    ['bank?x#y.xn--80a.', 'bank?x#y.а.'],
    ['%41.xn--80a.', '%41.а.'],
    ['a\\.xn--80a.', 'a\\.xn--80a.'],
    ['a\\\\.xn--80a.', 'a\\\\.а.'],
    // What IDNA rules out, as what turns the direction of writing, stays what it is.
    ['xn--ab-g4t.example.', 'xn--ab-g4t.example.'],
    ['xn--80a.xn--ab-qa.', 'xn--80a.xn--ab-qa.'],
  ])('%s is shown as %s', (name, shown) => {
    expect(unicodeName(name, domainToUnicode)).toBe(shown);
  });
});
