/**
 * Root hints out of a master file (RFC 8109 §2, the form of IANA's named.root): NS records of the
 * root and the addresses of the servers that they name.
 */

import type { RootHint } from '../resolver/root-hints.ts';
import { RRType } from '../wire/iana.ts';
import { namesIn, printRdata } from '../wire/rdata/rdata.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { failure, success, type Result } from '../wire/result.ts';

/** The hints in `records`; the error says what they lack. */
export function hintsFrom(records: readonly ResourceRecord[]): Result<RootHint[], string> {
  const hints = new Map<string, { name: RootHint['name']; addresses: string[] }>();
  for (const { name, type, rdata } of records) {
    if (type !== RRType.NS || !name.isRoot) continue;
    const [server] = namesIn(type, rdata);
    if (server) hints.set(server.key, { name: server, addresses: [] });
  }
  if (hints.size === 0) return failure("there is no NS record of the root ('.')");
  for (const { name, type, rdata } of records) {
    const isAddress = type === RRType.A || type === RRType.AAAA;
    if (isAddress) hints.get(name.key)?.addresses.push(printRdata(type, rdata));
  }
  const usable = [...hints.values()].filter(({ addresses }) => addresses.length > 0);
  if (usable.length === 0) return failure('none of the root servers has an address');
  return success(usable);
}
