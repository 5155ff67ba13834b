/** What each step of a walk down the delegations was: a value for people, programs, pictures. */

import type { Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import { RRType } from '../wire/iana.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { addressesIn } from './servers.ts';
import type { Reply } from './ask.ts';

export interface TraceStep {
  /** Whose server was asked; '.' to begin with. */
  readonly zone: string;
  readonly server: { readonly name: string; readonly address: string; readonly port: number };
  readonly transport: string;
  readonly rttMs: number;
  readonly size: number;
  /** 'start' is the question for the servers of the root, to a server of the configuration. */
  readonly kind: 'start' | 'referral' | 'answer' | 'lame';
  /** What a referral, or the start, leads to. */
  readonly delegation: TracedDelegation | undefined;
  /** Of an answer: in seconds, the smallest; undefined where it is empty. */
  readonly ttlSeconds: number | undefined;
  /** Why the server is of no use. */
  readonly reason: string | undefined;
}

export interface TracedDelegation {
  readonly zone: string;
  readonly ttlSeconds: number;
  readonly nameServers: readonly TracedNameServer[];
  /** The parent has a DS record for it, so that it is signed (RFC 4035 §3.1.4). */
  readonly isSigned: boolean;
}

export interface TracedNameServer {
  readonly name: string;
  readonly glue: readonly { readonly address: string; readonly ttlSeconds: number }[];
}

export function stepOf(
  reply: Reply,
  zone: DnsName,
  end: Pick<TraceStep, 'kind'> & { readonly owner?: DnsName; readonly reason?: string },
): TraceStep {
  const { message, from, via, rttMs, octets } = reply;
  const { kind, owner, reason } = end;
  return {
    zone: zone.toString(),
    server: { name: from.label, ...from.endpoint },
    transport: via,
    rttMs: Math.round(rttMs * 1000) / 1000,
    size: octets.length,
    kind,
    delegation: owner && delegationIn(message, owner),
    ttlSeconds: kind === 'answer' ? smallestTtl(message.answers) : undefined,
    reason,
  };
}

function delegationIn(message: Message, owner: DnsName): TracedDelegation {
  const { answers, authorities, additionals } = message;
  const records = [...answers, ...authorities].filter(({ name }) => name.equals(owner));
  const delegating = records.filter(({ type }) => type === RRType.NS);
  return {
    zone: owner.toString(),
    ttlSeconds: smallestTtl(delegating) ?? 0,
    nameServers: delegating
      .flatMap(({ type, rdata }) => namesIn(type, rdata))
      .map((name) => ({ name: name.toString(), glue: glueOf(additionals, name) })),
    isSigned: records.some(({ type }) => type === RRType.DS),
  };
}

function glueOf(records: readonly ResourceRecord[], name: DnsName): TracedNameServer['glue'] {
  return records.flatMap((record) =>
    addressesIn([record], name).map((address) => ({ address, ttlSeconds: record.ttl })),
  );
}

function smallestTtl(records: readonly ResourceRecord[]): number | undefined {
  return records.length === 0 ? undefined : Math.min(...records.map(({ ttl }) => ttl));
}
