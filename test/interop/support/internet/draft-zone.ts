/** One zone of the generated internet while it is put together, and the names that it owns. */
import { pick, type Random } from '../rich-zone.ts';

/** Short, ordinary, and above what any cache keeps. */
const TTLS = [60, 300, 3600, 86_400, 200_000];

/** TTL and last field of the SOA: the smaller one bounds negative answers (RFC 2308 §4). */
const SOA_VARIANTS = [
  [3600, 60],
  [60, 3600],
  [300, 300],
  [86_400, 7200],
  [3600, 0],
] as const;

export interface OwnedType {
  /** Absolute. */
  readonly name: string;
  readonly type: string;
}

export class DraftZone {
  /** Absolute, with the final dot. */
  readonly origin: string;
  readonly random: Random;
  /** Who serves it. */
  readonly hosts: Set<string> = new Set();
  readonly owned: OwnedType[] = [];
  readonly #lines: string[] = [];

  constructor(origin: string, random: Random) {
    this.origin = origin;
    this.random = random;
    const [ttl, minimum] = pick(random, SOA_VARIANTS);
    const data = `ns.${this.absolute('@')} hostmaster.${this.absolute('@')}`.replaceAll('..', '.');
    this.withTtl(ttl)('@', 'SOA', `${data} 1 3600 600 86400 ${minimum}`);
  }

  /** `owner` is relative, '@' or absolute. */
  absolute(owner: string): string {
    if (owner === '@') return this.origin;
    if (owner.endsWith('.')) return owner;
    return this.origin === '.' ? `${owner}.` : `${owner}.${this.origin}`;
  }

  /** One RRset, with one TTL. */
  add(owner: string, type: string, ...data: readonly string[]): void {
    this.withTtl(pick(this.random, TTLS))(owner, type, ...data);
  }

  withTtl(ttl: number): DraftZone['add'] {
    return (owner, type, ...data) => {
      const name = this.absolute(owner);
      this.owned.push({ name, type });
      for (const one of data) this.#lines.push(`${name} ${ttl} IN ${type} ${one}`);
    };
  }

  /** Repetitions that different parts of the generator made count once. */
  get text(): string {
    const seen = new Set<string>();
    const first = this.#lines.filter((line) => {
      const [owner, , , type, ...data] = line.split(' ');
      const key = [owner, type, ...data].join(' ').toLowerCase();
      return !seen.has(key) && seen.add(key);
    });
    return `${first.join('\n')}\n`;
  }
}

export interface NamedServer {
  /** Whose server it is. */
  readonly zone: string;
  readonly ttl: number;
  /** Absolute. */
  readonly server: string;
}

/** Says in `teller` that a zone has this server, and its addresses. */
export function addServer(
  teller: DraftZone,
  { zone, ttl, server }: NamedServer,
  addresses: readonly string[],
): void {
  teller.withTtl(ttl)(zone, 'NS', server);
  for (const address of addresses) addAddress(teller, server, address);
}

export function addAddress(teller: DraftZone, owner: string, address: string): void {
  teller.withTtl(3600)(owner, addressType(address), address);
}

export function addressType(address: string): 'A' | 'AAAA' {
  return address.includes(':') ? 'AAAA' : 'A';
}
