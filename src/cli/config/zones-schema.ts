/** The keys of zones: where they come from, and who may take them. */

import * as v from 'valibot';
import { transferLimits, type TransferLimits } from '../../authority/transfer-out.ts';
import { parseEndpoint } from '../../net/address.ts';
import { parsePrefix } from '../../query/address-prefix.ts';
import { keyOf } from '../../tsig/key.ts';
import { parseIPv6 } from '../../wire/ip-address.ts';
import { DNS_PORT } from '../options.ts';
import type {
  ConfigKey,
  ConfigPermission,
  ConfigPrimary,
  ConfigSecondary,
  ConfigZone,
} from './config.ts';
import { key, keysOf, section, type Schema, type Section } from './key.ts';
import { places } from './number-keys.ts';
import { domainName, endpoint, flag, integer, listOf, nameIn, readText, text } from './values.ts';

/** The keys of one item of a list. */
export type ShapeOf<Value> = Readonly<Record<keyof Value, v.ObjectEntries[string]>>;

export const permission: Schema<ConfigPermission> = listOf(
  readText("an address prefix such as 192.0.2.0/24, or 'key NAME'", (given) => {
    const [, name] = /^key\s+(\S+)$/.exec(given) ?? [];
    if (name === undefined) return parsePrefix(given);
    const keyName = nameIn(name);
    return keyName && { key: keyName };
  }),
);

const zoneShape: ShapeOf<ConfigZone> = {
  file: text,
  origin: v.exactOptional(domainName),
  transfer: v.exactOptional(permission),
  update: v.exactOptional(permission),
  journal: v.exactOptional(text),
  notify: v.exactOptional(flag),
  alsoNotify: v.exactOptional(listOf(endpoint)),
};

export const zone: Schema<ConfigZone> = keysOf<ConfigZone>(zoneShape);

const primary: Schema<ConfigPrimary> = readText(
  "an address such as 192.0.2.1 or '[2001:db8::1]:5353', and 'key NAME' if it signs",
  (given) => {
    const [, place = given, name] = /^(\S+)\s+key\s+(\S+)$/.exec(given) ?? [];
    const isIPv6 = place.includes(':') && parseIPv6(place) !== undefined;
    const server = parseEndpoint(isIPv6 ? `[${place}]` : place, DNS_PORT);
    if (!('port' in server)) return undefined;
    const keyName = name === undefined ? undefined : nameIn(name);
    if (name !== undefined && !keyName) return undefined;
    return keyName ? { server, key: keyName } : { server };
  },
);

const secondaryShape: ShapeOf<ConfigSecondary> = {
  zone: domainName,
  primaries: listOf(primary),
  file: text,
  transfer: v.exactOptional(permission),
  update: v.exactOptional(permission),
  notifyFrom: v.exactOptional(permission),
  notify: v.exactOptional(flag),
  alsoNotify: v.exactOptional(listOf(endpoint)),
};

export const secondary: Schema<ConfigSecondary> = keysOf<ConfigSecondary>(secondaryShape);

const secret: Schema<string> = readText('a secret in base64', (given) =>
  keyOf({ name: 'any.', secret: given }).ok ? given : undefined,
);

const algorithm: Schema<string> = readText(
  'an algorithm such as hmac-sha256, hmac-sha512 or hmac-sha256-128',
  (given) => {
    const read = keyOf({ name: 'any.', algorithm: given, secret: 'c2VjcmV0' });
    return read.ok ? given : undefined;
  },
);

const signingKeyShape: ShapeOf<ConfigKey> = {
  name: v.exactOptional(domainName),
  algorithm: v.exactOptional(algorithm),
  secret: v.exactOptional(secret),
  file: v.exactOptional(text),
};

export const signingKey: Schema<ConfigKey> = keysOf<ConfigKey>(signingKeyShape);

export const transfers: Section<Partial<TransferLimits>> = section(
  'Transfers of our zones to others; with workers, from each worker.',
  {
    transfers: places(transferLimits.transfers, 'At once, to all together.'),
    transfersPerAddress: places(transferLimits.transfersPerAddress, 'At once, to one address.'),
    transferMs: key(integer({ from: 1000, to: 86_400_000, what: 'milliseconds' }), {
      fallback: String(transferLimits.transferMs),
      about: 'What one may take; a client that takes nothing for ten seconds is cut off anyway.',
    }),
  },
);
