/**
 * The values that a configuration file may hold. Each schema's message is what was expected, as it
 * stands behind 'expected' in an error.
 */

import * as v from 'valibot';
import { parseEndpoint } from '../../net/address.ts';
import type { Endpoint } from '../../net/ports.ts';
import { parsePrefix, type AddressPrefix } from '../../query/address-prefix.ts';
import { DnsClass, parseType } from '../../wire/iana.ts';
import { DnsName } from '../../wire/name.ts';
import { octetsOf, parseName } from '../../wire/name-text.ts';
import { parseRdata } from '../../wire/rdata/rdata.ts';
import { splitTokens } from '../../wire/rdata/tokens.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import { DNS_PORT, IDENTITY_OCTETS } from '../options.ts';
import type { Schema } from './key.ts';

export const flag: Schema<boolean> = v.boolean('true or false');

export const text: Schema<string> = v.pipe(
  v.string('text (in quotes where it looks like a number)'),
  v.nonEmpty('text that is not empty'),
);

/** What fits in one string of a TXT record. */
export const shortText: Schema<string> = v.pipe(
  text,
  v.maxBytes(IDENTITY_OCTETS, `text of at most ${IDENTITY_OCTETS} octets`),
);

export const endpoint: Schema<Endpoint> = readText(
  "an address and port such as 127.0.0.1:53 or '[::1]:53'",
  (given) => {
    const parsed = parseEndpoint(given, DNS_PORT);
    return 'port' in parsed ? parsed : undefined;
  },
);

export const address: Schema<string> = readText(
  "an IP address such as 192.0.2.1 or '2001:db8::1'",
  (given) => {
    const parsed = parseEndpoint(given.includes(':') ? `[${given}]` : given, DNS_PORT);
    return 'port' in parsed ? parsed.address : undefined;
  },
);

export const prefix: Schema<AddressPrefix> = readText(
  'an address or prefix such as 192.0.2.0/24',
  parsePrefix,
);

export const domainName: Schema<DnsName> = readText('a domain name', nameIn);

/** With a dot at its end or without. */
export function nameIn(given: string): DnsName | undefined {
  const parsed = parseName(octetsOf(given.endsWith('.') ? given : `${given}.`));
  return parsed.ok ? parsed.value : undefined;
}

/** One record on one line, as in a master file. */
export const record: Schema<ResourceRecord> = readText(
  'a record such as host.example. 300 A 192.0.2.1',
  (given) => {
    const [owner, ...rest] = splitTokens(octetsOf(given));
    const ttl = /^[0-9]{1,9}$/.test(rest[0]?.text ?? '') ? Number(rest.shift()!.text) : TTL_SECONDS;
    if (rest[0]?.text.toUpperCase() === 'IN') rest.shift();
    const name = parseName(owner?.text ?? '', DnsName.root);
    const type = parseType(rest.shift()?.text ?? '');
    if (!name.ok || type === undefined) return undefined;
    const rdata = parseRdata(type, rest, DnsName.root);
    if (!rdata.ok) return undefined;
    return { name: name.value, type, class: DnsClass.IN, ttl, rdata: rdata.value };
  },
);

/** Of a record that does not say. */
const TTL_SECONDS = 3600;

export const port: Schema<number> = integer({ from: 1, to: 65_535, what: 'a port' });

/** `what` with its unit; the bounds are said as well. */
export function integer(range: {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}): Schema<number> {
  const { from, to, what } = range;
  const expected = `${what}: a whole number from ${from} to ${to}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(from, expected),
    v.maxValue(to, expected),
  );
}

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** A number of octets, or text such as '64 MiB'. */
export const octets: Schema<number> = v.pipe(
  v.union([v.number(), v.string()], 'a size such as 64 MiB'),
  read('a size such as 64 MiB', (given: string | number) => {
    const [, count, unit = ''] = /^([0-9]{1,15}) ?(KiB|MiB|GiB|)$/.exec(String(given)) ?? [];
    const size = Number(count) * (UNITS[unit] ?? 1);
    return count !== undefined && Number.isSafeInteger(size) ? size : undefined;
  }),
);

/** The key of a hash, in hexadecimal digits. */
export const secret: Schema<Uint8Array> = readText('32 hexadecimal digits, in quotes', (given) =>
  /^[0-9a-f]{32}$/i.test(given) ? new Uint8Array(Buffer.from(given, 'hex')) : undefined,
);

export function oneOf<const Word extends string>(words: readonly Word[]): Schema<Word> {
  return v.picklist(words, words.join(', ').replace(/, ([^,]*)$/, ' or $1'));
}

/** One value alone counts as a list of it. */
export function listOf<Value>(item: Schema<Value>): Schema<readonly Value[]> {
  return v.pipe(
    v.unknown(),
    v.transform((given) => (Array.isArray(given) ? (given as unknown[]) : [given])),
    v.array(item),
  );
}

/** Text that `parse` makes a value of, or undefined. */
export function readText<Value>(
  expected: string,
  parse: (given: string) => Value | undefined,
): Schema<Value> {
  return v.pipe(v.string(expected), read(expected, parse));
}

function read<Given, Value>(
  expected: string,
  parse: (given: Given) => Value | undefined,
): v.RawTransformAction<Given, Value> {
  return v.rawTransform<Given, Value>(({ dataset, addIssue, NEVER }) => {
    const value = parse(dataset.value);
    if (value !== undefined) return value;
    addIssue({ message: expected });
    return NEVER;
  });
}
