/** The values of command-line options, each read by a function whose error names what is wrong. */

import { InvalidArgumentError } from 'commander';
import { parseEndpoint } from '../net/address.ts';
import type { Endpoint } from '../net/ports.ts';
import { parsePrefix, type AddressPrefix } from '../query/address-prefix.ts';
import type { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';
import { LOG_LEVELS, type LogLevel } from './logger.ts';

export const DNS_PORT = 53;

/** A zone file as `--zone` names it. */
export interface ZoneSource {
  readonly file: string;
  /** Undefined: the file says it itself. */
  readonly origin: DnsName | undefined;
  /** The file may or may not say it: if not, it is what the file is called (`zone-folder.ts`). */
  readonly isNamedByFile?: boolean;
  /** It is a regular file, and no link to one: reading it comes to an end. */
  readonly isRegular?: boolean;
}

export function endpointOption(text: string, previous: readonly Endpoint[] = []): Endpoint[] {
  const endpoint = parseEndpoint(text, DNS_PORT);
  if (!('port' in endpoint)) throw new InvalidArgumentError(endpoint.problem);
  return [...previous, endpoint];
}

/** As many as anybody has processors. */
export const MAX_WORKERS = 256;

export function workersOption(text: string): number {
  const count = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_WORKERS) return count;
  throw new InvalidArgumentError(`'${text}' is no number of workers: 1 to ${MAX_WORKERS}.`);
}

/** `[ORIGIN=]FILE`. What stands before '=' is an origin unless it holds a slash. */
export function zoneOption(text: string, previous: readonly ZoneSource[] = []): ZoneSource[] {
  const equals = text.indexOf('=');
  const hasOrigin = equals >= 0 && !text.slice(0, equals).includes('/');
  const file = hasOrigin ? text.slice(equals + 1) : text;
  if (file === '') throw new InvalidArgumentError('the file name is empty.');
  if (!hasOrigin) return [...previous, { file, origin: undefined }];
  const originText = text.slice(0, equals);
  const absolute = originText.endsWith('.') ? originText : `${originText}.`;
  const origin = parseName(octetsOf(absolute));
  if (!origin.ok)
    throw new InvalidArgumentError(`'${originText}' is no zone name: ${origin.error}.`);
  return [...previous, { file, origin: origin.value }];
}

export function listOption(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text];
}

export function prefixOption(
  text: string,
  previous: readonly AddressPrefix[] = [],
): AddressPrefix[] {
  const prefix = parsePrefix(text);
  if (!prefix) {
    throw new InvalidArgumentError(`'${text}' is no address or prefix such as 192.0.2.0/24.`);
  }
  return [...previous, prefix];
}

/** Of one string in a TXT record (RFC 1035 §3.3). */
export const IDENTITY_OCTETS = 255;

/** What a server tells about itself in one string. */
export function identityOption(text: string): string {
  const { length } = octetsOf(text);
  if (length >= 1 && length <= IDENTITY_OCTETS) return text;
  throw new InvalidArgumentError(`give 1 to ${IDENTITY_OCTETS} octets, not ${length}.`);
}

export function portOption(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65535) {
    throw new InvalidArgumentError(`'${text}' is no port from 1 to 65535.`);
  }
  return Number(text);
}

export function logLevelOption(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (!level) throw new InvalidArgumentError(`choose one of ${LOG_LEVELS.join(', ')}.`);
  return level;
}
