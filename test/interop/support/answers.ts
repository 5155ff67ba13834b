/**
 * Reads what dig, kdig and drill print into one shape, so that answers can be compared whoever asked
 * and whoever served. Records are `owner TTL class type data` with single spaces; a section is a
 * set: sorted, because the order within a section means nothing.
 */

export interface Answer {
  /** 'NOERROR', 'NXDOMAIN'…; undefined when no answer came. */
  readonly status: string | undefined;
  /** Lower case and sorted: 'aa', 'qr', 'ra', 'rd', 'tc'… */
  readonly flags: readonly string[];
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  /** The EDNS version of the response; undefined without an OPT record. */
  readonly ednsVersion: number | undefined;
}

type Section = 'answer' | 'authority' | 'additional';

/** The last answer in `text`: a client that repeats over TCP prints only what it ended with. */
export function parseAnswer(text: string): Answer {
  const sections: Record<Section, string[]> = { answer: [], authority: [], additional: [] };
  let section: Section | undefined;
  for (const line of text.split('\n')) {
    const heading = /^;; (\w+) SECTION:/.exec(line)?.[1]?.toLowerCase();
    if (heading !== undefined) section = isSection(heading) ? heading : undefined;
    else if (line === '') section = undefined;
    else if (section !== undefined && !line.startsWith(';')) {
      sections[section].push(normaliseRecord(line));
    }
  }
  return {
    status: /->>HEADER<<- .*?(?:status|rcode): (\w+)/.exec(text)?.[1],
    flags: (/^;; flags: ([a-z ]*)/im.exec(text)?.[1] ?? '')
      .toLowerCase()
      .split(' ')
      .filter((flag) => flag !== '')
      .toSorted(),
    answer: sections.answer.toSorted(),
    authority: sections.authority.toSorted(),
    additional: sections.additional.toSorted(),
    ednsVersion: ednsVersionOf(text),
  };
}

/** Replaces each TTL, for answers that come out of a cache. */
export function withoutTtls(records: readonly string[]): string[] {
  return records.map((record) => record.replace(/^(\S+) \d+ /, '$1 - ')).toSorted();
}

export function ttlOf(record: string | undefined): number {
  return Number(record?.split(' ')[1] ?? Number.NaN);
}

function normaliseRecord(line: string): string {
  const [owner = '', ttl = '', dnsClass = '', type = '', ...data] = splitFields(line);
  return [owner.toLowerCase(), ttl, dnsClass, type, ...data].join(' ');
}

/** Blanks separate fields, but not inside quotes. */
function splitFields(line: string): string[] {
  return line.match(/(?:"(?:\\.|[^"\\])*"|\\.|[^\s"])+/g) ?? [];
}

function ednsVersionOf(text: string): number | undefined {
  const version =
    /EDNS: version:? (\d+)/.exec(text)?.[1] ?? /^;; Version: (\d+); flags:/m.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}

function isSection(text: string): text is Section {
  return text === 'answer' || text === 'authority' || text === 'additional';
}
