/**
 * A random internet out of a seed: zones in zones, their servers and what is wrong with each, and
 * what clients will ask. Everything is decided here; the run itself draws nothing.
 *
 *     root ─┬─ tld ─┬─ domain ─┬─ sub ─ …      each with 1 to 3 servers, named inside (glue),
 *           └─ tld  └─ domain  └─ sub          or in another zone (glueless)
 */
import { SeededRandom } from '../../src/sim/random.ts';
import { parseType, RRType, typeText } from '../../src/wire/iana.ts';
import { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { parseRdata } from '../../src/wire/rdata/rdata.ts';
import { splitTokens } from '../../src/wire/rdata/tokens.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';

/** What a server does wrong. Those from 'silent' on are of no use to anybody. */
export type Fault =
  | 'none'
  | 'slow'
  | 'truncating'
  | 'no EDNS'
  | 'case-changing'
  | 'twice'
  | 'noisy'
  | 'lying'
  | 'wrong id first'
  | 'silent'
  | 'lame'
  | 'failing'
  | 'empty';

export interface ServerPlan {
  readonly name: DnsName;
  readonly address: string;
  readonly fault: Fault;
}

export interface ZonePlan {
  readonly apex: DnsName;
  readonly parent: ZonePlan | undefined;
  readonly servers: readonly ServerPlan[];
  readonly records: readonly ResourceRecord[];
  /** Names of the zones directly below. */
  readonly cuts: readonly DnsName[];
}

export interface Ask {
  readonly name: DnsName;
  readonly type: number;
  /** Waited before it, virtual time; 0: together with the one before. */
  readonly afterMs: number;
}

export interface Plan {
  readonly seed: number;
  /** Parents before their children; the root is the first. */
  readonly zones: readonly ZonePlan[];
  /** Zones that the resolver is told the servers of. */
  readonly stubs: readonly ZonePlan[];
  readonly asks: readonly Ask[];
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly loss: number;
  /** Forged replies beside each real one: wrong port, wrong id, or both. */
  readonly forgeries: number;
}

export function makePlan(seed: number): Plan {
  return new Planner(seed).plan();
}

const USEFUL: readonly Fault[] = [
  'none',
  'none',
  'none',
  'slow',
  'truncating',
  'no EDNS',
  'case-changing',
  'twice',
  'noisy',
  'lying',
  'wrong id first',
];
const USELESS: readonly Fault[] = ['silent', 'lame', 'failing', 'empty'];

interface Draft {
  readonly apex: DnsName;
  readonly parent: Draft | undefined;
  readonly servers: ServerPlan[];
  readonly lines: string[];
}

class Planner {
  readonly #seed: number;
  readonly #random: SeededRandom;
  readonly #drafts: Draft[] = [];
  readonly #faults = new Map<string, Fault>();
  #addresses = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new SeededRandom(String(seed), 'plan');
  }

  plan(): Plan {
    // A third of all worlds has nothing wrong but the servers' ways, so that all must be answered.
    const misery = this.#below(3) === 0 ? 0 : 0.3;
    const root = this.#draft(DnsName.root, undefined, misery);
    for (let i = 0; i <= this.#below(2); i++) this.#grow(root, ['aa', 'bb', 'cc'][i]!, misery);
    for (const draft of this.#drafts) if (draft !== root) this.#fill(draft);
    const zones = this.#finish();
    const isLossy = misery > 0 && this.#chance(0.4);
    return {
      seed: this.#seed,
      zones,
      stubs: this.#chance(0.15) ? [this.#pick(zones.slice(1))] : [],
      asks: this.#asks(),
      delayMs: 5 + this.#below(40),
      jitterMs: this.#chance(0.5) ? this.#below(60) : 0,
      loss: isLossy ? 0.05 + this.#below(25) / 100 : 0,
      forgeries: this.#chance(0.3) ? 1 + this.#below(3) : 0,
    };
  }

  #grow(parent: Draft, label: string, misery: number): void {
    const apex = nameOf(`${label}.${parent.apex.isRoot ? '' : parent.apex.toString()}`);
    const draft = this.#draft(apex, parent, misery);
    const depth = apex.labelCount;
    const children = depth === 1 ? 1 + this.#below(3) : this.#below(depth === 2 ? 3 : 2);
    if (depth > 3 || this.#drafts.length > 9) return;
    for (let i = 0; i < children; i++) this.#grow(draft, `${'dsx'[depth - 1]!}${i}`, misery);
  }

  #draft(apex: DnsName, parent: Draft | undefined, misery: number): Draft {
    const draft: Draft = { apex, parent, servers: [], lines: [] };
    const count = 1 + this.#below(3);
    for (let i = 0; i < count; i++) {
      const isUseless = parent !== undefined && this.#chance(misery);
      draft.servers.push(this.#server(draft, i, isUseless));
    }
    this.#drafts.push(draft);
    return draft;
  }

  #server({ apex, parent }: Draft, number: number, isUseless: boolean): ServerPlan {
    // Now and then one of another zone: without glue, since the zone is not a sibling's business.
    const isDomain = apex.labelCount > 1;
    const others = this.#drafts.filter(
      (draft) => draft !== parent && draft.apex.labelCount > 0 && !draft.apex.isSubdomainOf(apex),
    );
    if (isDomain && others.length > 0 && this.#chance(0.2)) {
      return this.#pick(this.#pick(others).servers);
    }
    const name = nameOf(`ns${number}.${apex.isRoot ? 'root-servers.' : apex.toString()}`);
    const address = `198.18.${this.#addresses >> 8}.${(this.#addresses++ & 255) + 1}`;
    const fault = parent ? this.#pick(isUseless ? USELESS : USEFUL) : 'none';
    this.#faults.set(address, fault);
    return { name, address, fault };
  }

  /** What there is in a zone, beside its servers and cuts. */
  #fill({ apex, lines }: Draft): void {
    const at = apex.toString();
    const ttl = (): number => this.#pick([0, 5, 60, 3600]);
    lines.push(`www.${at} ${ttl()} A ${this.#host()}`, `www.${at} ${ttl()} TXT "of ${at}"`);
    if (this.#chance(0.5)) lines.push(`a.b.c.${at} ${ttl()} A ${this.#host()}`);
    if (this.#chance(0.5)) lines.push(`${at} ${ttl()} MX 10 www.${at}`);
    if (this.#chance(0.3)) lines.push(`*.w.${at} ${ttl()} A ${this.#host()}`);
    if (this.#chance(0.5)) lines.push(`near.${at} ${ttl()} CNAME www.${at}`);
    if (this.#chance(0.5)) {
      const other = this.#pick(this.#drafts.slice(1)).apex.toString();
      const first = this.#pick(['www', 'near', 'far', 'none', 'a.b.c']);
      lines.push(`far.${at} ${ttl()} CNAME ${first}.${other}`);
    }
    if (this.#chance(0.15)) {
      const other = this.#pick(this.#drafts.slice(1)).apex.toString();
      lines.push(`moved.${at} ${ttl()} DNAME ${other}`);
    }
    const many = this.#chance(0.1) ? 120 : 0;
    for (let i = 0; i < many; i++) lines.push(`many.${at} 60 A 192.0.2.${i}`);
  }

  #host(): string {
    return `192.0.2.${this.#below(256)}`;
  }

  #finish(): readonly ZonePlan[] {
    const zones = new Map<Draft, ZonePlan>();
    for (const draft of this.#drafts.toSorted((a, b) => a.apex.labelCount - b.apex.labelCount)) {
      const { apex, parent, servers, lines } = draft;
      const at = apex.toString();
      const own = [
        `${at} 3600 SOA ns0.${apex.isRoot ? 'root-servers.' : at} h. 1 1 1 1 ${this.#pick([5, 300])}`,
        ...servers.map(({ name }) => `${at} 3600 NS ${name.toString()}`),
        ...servers
          .filter(({ name }) => name.isSubdomainOf(apex))
          .map(({ name, address }) => `${name.toString()} 3600 A ${address}`),
      ];
      const plan = {
        apex,
        parent: parent && zones.get(parent),
        servers,
        cuts: this.#drafts.filter((other) => other.parent === draft).map((other) => other.apex),
        records: [...new Set([...own, ...lines])].map(recordOf),
      };
      zones.set(draft, plan);
    }
    return [...zones.values()];
  }

  #asks(): readonly Ask[] {
    const drafts = this.#drafts.slice(1);
    const types = ['A', 'A', 'A', 'AAAA', 'TXT', 'MX', 'NS', 'SOA', 'DS', 'CNAME'];
    const firsts = ['www', 'near', 'far', 'none', 'a.b.c', 'b.c', 'x.w', 'many', 'www.moved', ''];
    return Array.from({ length: 4 + this.#below(6) }, (): Ask => {
      const first = this.#pick(firsts);
      const at = this.#pick(drafts).apex.toString();
      const name = nameOf(first === '' ? at : `${first}.${at}`);
      const afterMs = this.#pick([0, 0, 1, 100, 7000, 100_000]);
      return { name, type: parseType(this.#pick(types))!, afterMs };
    });
  }

  #below(bound: number): number {
    return this.#random.below(bound);
  }

  #chance(chance: number): boolean {
    return this.#random.uint32() < chance * 2 ** 32;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)]!;
  }
}

function recordOf(line: string): ResourceRecord {
  const [owner, ttl, typeName, ...rest] = line.split(' ');
  const type = parseType(typeName!)!;
  const rdata = parseRdata(type, splitTokens(rest.join(' ')), DnsName.root);
  if (!rdata.ok) throw new Error(`${line}: ${rdata.error.message}`);
  return { name: nameOf(owner!), type, class: 1, ttl: Number(ttl), rdata: rdata.value };
}

/** The plan for people. */
export function describePlan(plan: Plan): string {
  const { zones, asks, stubs, delayMs, jitterMs, loss, forgeries } = plan;
  const lines = zones.map(({ apex, servers, records }) => {
    const all = servers.map(({ name, address, fault }) => {
      return `${name.toString()} ${address} (${fault})`;
    });
    const owners = new Set(
      records
        .filter(({ type }) => type !== RRType.SOA && type !== RRType.NS)
        .map(({ name, type }) => `${name.toString()} ${typeText(type)}`),
    );
    return `zone ${apex.toString()}: ${all.join(', ')}; ${[...owners].join(', ')}`;
  });
  const link = `delay ${delayMs} ms, jitter ${jitterMs} ms, loss ${loss}, ${forgeries} forgeries`;
  const stubText = stubs.map(({ apex }) => `stub ${apex.toString()}`);
  const questions = asks.map(({ name, type, afterMs }) => {
    return `+${afterMs} ms ${name.toString()} ${typeText(type)}`;
  });
  return [...lines, link, ...stubText, ...questions].join('\n');
}
