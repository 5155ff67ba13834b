/**
 * The names that the name of a lookup stands for, one after the other for as long as none exists:
 * itself, and itself under the domains of the search list. Its dots decide which comes first.
 */

import { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';
import { failure, type Result } from '../wire/result.ts';
import { ExitStatus } from './reading.ts';

export interface NameProblem {
  readonly text: string;
  readonly status: number;
}

export interface SearchRules {
  readonly usesSearchList: boolean;
  readonly domains: readonly string[];
  readonly ndots: number;
}

/** Where a search stands; a value, as `next` makes another one. */
export interface SearchStep {
  readonly name: Result<DnsName, NameProblem>;
  /** Undefined: the name as it was typed. */
  readonly domain: string | undefined;
  /** Whether NXDOMAIN may lead to another name, as dig sees it. */
  readonly isSearching: boolean;
  /** The next step, or undefined when this is the last. */
  next(): SearchStep | undefined;
}

export function beginSearch(text: string, rules: SearchRules): SearchStep {
  const dots = text.split('.').length - 1;
  const asIs = dots >= rules.ndots || !rules.usesSearchList;
  return asIs
    ? typed(text, rules, rules.usesSearchList)
    : completed(text, rules, { at: 0, wasTyped: false });
}

/** `mayGoOn`: the list comes after it. */
function typed(text: string, rules: SearchRules, mayGoOn: boolean): SearchStep {
  return {
    name: readName(text, DnsName.root, {
      sentence: (problem) => `'${text}' is not a legal name (${problem})`,
      status: ExitStatus.badValue,
    }),
    domain: undefined,
    isSearching: mayGoOn,
    next: () =>
      mayGoOn && isShort(text, rules)
        ? completed(text, rules, { at: 0, wasTyped: true })
        : undefined,
  };
}

function completed(
  text: string,
  rules: SearchRules,
  { at, wasTyped }: { readonly at: number; readonly wasTyped: boolean },
): SearchStep {
  const domain = rules.domains[at];
  // dig asks once more for what was typed when there is no list.
  if (domain === undefined) return typed(text, rules, false);
  const notLegal = (what: string) => ({
    sentence: (problem: string) => `'${what}' is not in legal name syntax (${problem})`,
    status: ExitStatus.usage,
  });
  const origin = readName(domain, DnsName.root, notLegal(domain));
  const name = origin.ok ? readName(text, origin.value, notLegal(text)) : origin;
  const isLast = at + 1 >= rules.domains.length;
  return {
    name,
    domain,
    isSearching: true,
    next: () => {
      if (!isShort(text, rules) || (isLast && wasTyped)) return undefined;
      return completed(text, rules, { at: at + 1, wasTyped });
    },
  };
}

/** `sentence` makes one of what is wrong; dig's status depends on where the name comes from. */
function readName(
  text: string,
  origin: DnsName,
  { sentence, status }: { readonly sentence: (problem: string) => string; readonly status: number },
): Result<DnsName, NameProblem> {
  // '@' stands for the origin in master files only.
  const name = parseName(text === '@' ? '\\@' : octetsOf(text), origin);
  if (name.ok) return name;
  return failure({
    text: sentence(nameProblem(text)),
    status,
  });
}

/** dig's words for what is wrong with a name. */
export function nameProblem(text: string): string {
  if (text === '' || /(^|[^\\])(\\\\)*\\([0-9]{0,2})$/.test(text)) return 'unexpected end of input';
  const octets = text.replaceAll(/\\([0-9]{3}|[^0-9])/g, (_, escaped: string) =>
    escaped.length === 3 && Number(escaped) > 255 ? '\\' : 'x',
  );
  if (octets.includes('\\')) return 'bad escape';
  const labels = octets.replace(/\.$/, '').split('.');
  if (labels.includes('')) return 'empty label';
  return labels.some((label) => label.length > 63) ? 'label too long' : 'ran out of space';
}

/** Neither absolute nor of more labels than `ndots`: what dig completes. */
function isShort(text: string, { ndots }: SearchRules): boolean {
  const name = parseName(octetsOf(text), DnsName.root);
  if (!name.ok) return true;
  const isAbsolute = /(^|[^\\])(\\\\)*\.$/.test(text);
  return !isAbsolute && name.value.labelCount <= ndots;
}
