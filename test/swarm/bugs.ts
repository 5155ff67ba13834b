/**
 * Bugs to plant (`npm run swarm -- --planted`): a swarm that finds nothing has to show that it
 * would. They are of the kinds that other resolvers have had: in the cache, in the chain of aliases,
 * in what a server may say about others, in what is counted, in what is cleaned up.
 */

export interface Bug {
  readonly name: string;
  readonly file: string;
  /** Exactly as it stands there, once. */
  readonly text: string;
  readonly replacement: string;
}

export const bugs: readonly Bug[] = [
  {
    name: 'records outside the zone that was asked are believed',
    file: 'src/resolver/relevant.ts',
    text: "if (!record.name.isSubdomainOf(zone)) return 'out of bailiwick of the zone asked';",
    replacement: '',
  },
  {
    name: 'the negative answer for one type is taken for all types',
    file: 'src/cache/negative-cache.ts',
    text: 'rcode === Rcode.NXDOMAIN ? ALL_TYPES : question.type',
    replacement: 'ALL_TYPES',
  },
  {
    name: 'replies with another id are taken',
    file: 'src/client/matching.ts',
    text: "if (header.id !== expected.id) return { kind: 'wrong id' };",
    replacement: '',
  },
  {
    name: 'a socket stays open when its wait ends by time',
    file: 'src/client/udp.ts',
    text: '    else this.#socket?.close();',
    replacement: "    else if (outcome.kind === 'reply') this.#socket?.close();",
  },
  {
    name: 'an alias out of a DNAME keeps the name of its owner',
    file: 'src/resolver/dname.ts',
    text: 'name.rebased(dname.name, namesIn(RRType.DNAME, dname.rdatas[0]!)[0]!);',
    replacement: 'namesIn(RRType.DNAME, dname.rdatas[0]!)[0];',
  },
  {
    name: 'a failing server is not given up for the next',
    file: 'src/resolver/candidates.ts',
    text: 'this.#of(address)!.isOut = true;',
    replacement: 'this.#candidates.forEach((candidate) => (candidate.isOut = true));',
  },
];
