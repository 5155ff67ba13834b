/** Record texts of other projects' suites, read by our parser. */
import { parseType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { descriptionOf } from '../../src/wire/rdata/descriptions.ts';
import { parseMasterFile, type LocatedRecord } from '../../src/zone/master-file.ts';

export const NO_FORM = 'types that have only the generic form here (RFC 3597)';

/** The records and the first problem of a text with one character per octet. */
export function readText(
  text: string,
  origin?: string,
): { readonly records: readonly LocatedRecord[]; readonly problem: string | undefined } {
  const options = origin === undefined ? {} : { origin: nameOf(origin) };
  const octets = Buffer.from(text, 'latin1');
  const { records, problems } = parseMasterFile(octets, { file: 'case', ...options });
  return { records, problem: problems[0]?.message };
}

/** Owner, TTL, class, type and octets: what two texts of one record have in common. */
export function keyOf({ name, ttl, type, class: dnsClass, rdata }: LocatedRecord): string {
  return [name.toString(), ttl, dnsClass, type, Buffer.from(rdata).toString('hex')].join(' ');
}

/** The reason for failing, when a type in the text has no presentation form of its own yet. */
export function missingForm(text: string): string | undefined {
  const words = text.split(/[\s()]+/);
  const isMissing = words.some((word) => {
    const type = /^[A-Z][A-Z0-9-]+$/i.test(word) ? parseType(word) : undefined;
    return type !== undefined && descriptionOf(type) === undefined;
  });
  return isMissing ? NO_FORM : undefined;
}
