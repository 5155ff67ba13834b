/**
 * The part of a server that changes zones, as the part that answers sees it: it may be in another
 * thread, so what passes between them can be cloned.
 *
 *     worker: query, signature ─► operate ─► the one who writes ─► outcome ─► reply
 */

import type { Answer, Query } from '../query/query.ts';
import { DnsName } from '../wire/name.ts';
import { answerOf, type Outcome } from './outcome.ts';
import type { ZoneHistory } from './transfer-out.ts';

export interface Upkeep extends ZoneHistory {
  /** Which it takes: NOTIFY, UPDATE; the others are not implemented. */
  readonly opcodes: ReadonlySet<number>;
  /** Carries out what a message asks for. Does not reject. */
  operate(operation: Operation): Promise<Outcome>;
}

export interface Operation {
  /** The whole message; its signature was found good, if it has one. */
  readonly octets: Uint8Array;
  readonly address: string;
  /** The name of the key in wire form. */
  readonly key: Uint8Array | undefined;
}

/** Answers messages of such opcodes. */
export function operationAnswerer(upkeep: Upkeep): (query: Query) => Promise<Answer> {
  return async ({ octets, client, key }) => {
    // Queries that did not come in octets are tests' of other opcodes.
    const operation = { octets: octets!, address: client.address, key: key?.wire };
    return answerOf(await upkeep.operate(operation));
  };
}

export function keyOf({ key }: Operation): DnsName | undefined {
  return key && DnsName.fromWire(key);
}
