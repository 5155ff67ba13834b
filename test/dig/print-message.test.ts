/**
 * Replies as dig 9.18.49 printed them: `golden/NAME.txt` has the command, the octets and the text.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { CommandLine } from '../../src/dig/command-line.ts';
import { printMessage } from '../../src/dig/print-message.ts';
import { printData } from '../../src/dig/print-data.ts';
import { shortDataStyle } from '../../src/dig/print-style.ts';
import { systemConfigurationOf } from '../../src/dig/resolv-conf.ts';
import { defaultSettings, type Settings } from '../../src/dig/settings.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const golden = new URL('golden/', import.meta.url);

interface Golden {
  readonly message: Message;
  readonly settings: Settings;
  readonly text: string;
}

function readGolden(file: string): Golden {
  const content = readFileSync(new URL(file, golden), 'latin1');
  const [command = '', hex = '', ...rest] = content.split('\n\n');
  const decoded = decodeMessage(new Uint8Array(Buffer.from(hex.replaceAll('\n', ''), 'hex')));
  if (!decoded.ok) throw new Error(`${file}: ${decoded.error.reason}`);
  const words = command.split(' ').slice(1);
  // ts-dig always prints what it has got, which dig is asked to do by '+besteffort'.
  const options = words.filter((word) => word.startsWith('+') && word !== '+besteffort');
  return { message: decoded.value, settings: settingsOf(options), text: rest.join('\n\n') };
}

function settingsOf(options: readonly string[]): Settings {
  const system = systemConfigurationOf(undefined);
  const context = { system, allowsIdn: false, readDigrc: () => undefined };
  const { ending, lookups } = new CommandLine(['.', ...options], context).read();
  if (ending) throw new Error(options.join(' '));
  return lookups[0]!.settings;
}

const message = readGolden('named-mail-mx.txt').message;
const nothing = {
  ...defaultSettings,
  showsQuestion: false,
  showsAnswer: false,
  showsAuthority: false,
  showsAdditional: false,
  showsComments: false,
};

describe('the same bytes as dig', () => {
  const files = readdirSync(golden);

  test('there are replies to compare', () => {
    expect(files.length).toBeGreaterThan(25);
  });

  test.each(files)('%s', (file) => {
    const { message: reply, settings, text } = readGolden(file);
    expect(printMessage(reply, settings)).toBe(text);
  });
});

describe('parts', () => {
  test('+noall +answer leaves the records and no blank line', () => {
    expect(printMessage(message, { ...nothing, showsAnswer: true })).toBe(
      'mail.example.com.\t3600\tIN\tMX\t10 mx.example.com.\n',
    );
  });

  test('+noall +comments ends with EDNS', () => {
    const text = printMessage(message, { ...nothing, showsComments: true });
    expect(
      text.endsWith('\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n'),
    ).toBe(true);
  });

  test('the sections of an update have names of their own', () => {
    const update = createMessage({
      qr: true,
      opcode: 5,
      questions: [{ name: nameOf('example.'), type: 6, class: 1 }],
    });
    const text = printMessage(update, defaultSettings);
    expect(text).toContain('QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0\n');
    expect(text).toContain(';; ZONE SECTION:\n;example.\t\t\tIN\tSOA\n');
  });
});

test('a gateway at the end of an IPSECKEY without a key is no key to split', () => {
  const gateway = `${'a'.repeat(60)}.example.`;
  const rdata = Uint8Array.of(10, 3, 0, ...nameOf(gateway).wire);
  const record = { name: nameOf('.'), type: 45, class: 1, ttl: 1, rdata };
  expect(printData(record, shortDataStyle(defaultSettings))).toBe(`10 3 0 ${gateway}`);
});

test('no octet of the network reaches the terminal unescaped', () => {
  const octets = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  const name = nameOf('\\027[31m\\007.example.');
  const reply = createMessage({
    qr: true,
    questions: [{ name, type: 16, class: 1 }],
    answers: [
      { name, type: 16, class: 1, ttl: 1, rdata: Uint8Array.of(255, ...octets.subarray(0, 255)) },
      { name, type: 257, class: 1, ttl: 1, rdata: Uint8Array.of(0, 1, 97, ...octets) },
      { name, type: 257, class: 1, ttl: 1, rdata: Uint8Array.of(0, 2, 0x1b, 0x9b, 1) },
      { name, type: 65280, class: 1, ttl: 1, rdata: octets },
    ],
    edns: {
      udpPayloadSize: 1232,
      version: 0,
      dnssecOk: false,
      flags: 0,
      options: [3, 8, 9, 10, 11, 12, 14, 15, 65001].flatMap((code) =>
        [0, 1, 2, 3, 4, 5, 20, 256].map((length) => ({ code, data: octets.slice(0, length) })),
      ),
    },
  });
  expect(printMessage(reply, defaultSettings)).toMatch(/^[\t\n\x20-\x7e]*$/);
});

test('data of any octets can be shown over several lines', () => {
  for (const type of [6, 37, 43, 44, 46, 48, 50, 52, 53, 59, 60, 61, 65280]) {
    for (let length = 0; length < 64; length++) {
      const rdata = Uint8Array.from({ length }, (_, at) => at * 37);
      const answers = [{ name: nameOf('.'), type, class: 1, ttl: 1, rdata }];
      const text = printMessage(createMessage({ qr: true, answers }), {
        ...nothing,
        showsAnswer: true,
        multiline: true,
      });
      expect(text).toMatch(/^[\t\n\x20-\x7e]*\n$/);
      expect(text).not.toContain('undefined');
    }
  }
});
