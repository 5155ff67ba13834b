/**
 * Taking a zone from a primary: what has changed (IXFR), or all of it (AXFR) where there is nothing
 * to change, or the changes do not fit. Nothing of it is seen by anybody before it is whole.
 */

import { transfer, type TransferOutcome } from '../client/transfer.ts';
import type { Cancellation } from '../net/cancellation.ts';
import { startDeadline } from '../net/deadline.ts';
import type { Endpoint, Runtime } from '../net/ports.ts';
import type { TsigKey } from '../tsig/key.ts';
import { DnsClass, rcodeText, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { soaOf } from '../zone/compare-zones.ts';
import { ImageLimitError } from '../zone/image-memory.ts';
import type { Zone } from '../zone/zone.ts';
import { TransferCollector, type Collected } from './transfer-collector.ts';

export interface TransferInLimits {
  /** Octets of all messages of one transfer. */
  readonly octets: number;
  /** Of differences: more of them are better taken as a zone. */
  readonly differenceOctets: number;
  /** Of one transfer. */
  readonly timeMs: number;
  /** Without a message. */
  readonly messageMs: number;
}

export const transferInLimits: TransferInLimits = {
  octets: 1_073_741_824,
  differenceOctets: 67_108_864,
  timeMs: 7_200_000,
  messageMs: 30_000,
};

/** Whom to take a zone from. */
export interface Primary {
  readonly server: Endpoint;
  /** Signs what is asked, and must have signed what comes. */
  readonly key?: TsigKey | undefined;
}

export interface Wanted {
  readonly origin: DnsName;
  readonly primary: Primary;
  /** The version that is there. */
  readonly have: Zone | undefined;
  readonly limits: TransferInLimits;
  readonly signal: Cancellation;
}

/** Does not reject. */
export async function fetchZone(runtime: Runtime, wanted: Wanted): Promise<Collected> {
  if (!wanted.have) return take(runtime, wanted);
  const changes = await take(runtime, wanted);
  // Whatever was wrong with the changes, the zone itself may be right.
  return changes.kind === 'failed' && !wanted.signal.aborted
    ? take(runtime, { ...wanted, have: undefined })
    : changes;
}

async function take(runtime: Runtime, wanted: Wanted): Promise<Collected> {
  const { origin, primary, have, limits } = wanted;
  const collector = new TransferCollector(origin, have);
  const deadline = startDeadline(runtime.clock, limits.timeMs, wanted.signal);
  const known = have && { authorities: [soaOf(have)], knownSerial: have.serial };
  let flaw: string | undefined;
  let octets = 0;
  const most = have ? limits.differenceOctets : limits.octets;
  try {
    const outcome = await transfer(
      runtime,
      {
        server: primary.server,
        question: { name: origin, type: have ? RRType.IXFR : RRType.AXFR, class: DnsClass.IN },
        timeoutMs: limits.messageMs,
        signal: deadline.signal,
        ...(primary.key && { key: primary.key }),
        ...known,
      },
      ({ message, octets: { length }, recordCount, signature }) => {
        octets += length;
        if (octets > most) flaw = `it is larger than ${most} octets`;
        if (signature?.kind === 'failed') flaw = `its signature failed: ${signature.why}`;
        for (const record of message.answers.slice(0, recordCount)) flaw ??= collector.take(record);
        return flaw === undefined ? undefined : 'stop';
      },
    );
    if (flaw !== undefined) return { kind: 'failed', why: flaw };
    if (outcome.kind !== 'done') return { kind: 'failed', why: reasonOf(outcome) };
    if (primary.key && !outcome.size.isVerified) return { kind: 'failed', why: 'it is not signed' };
    return collector.finish();
  } catch (error) {
    if (!(error instanceof ImageLimitError)) throw error;
    return { kind: 'failed', why: `expected ${error.message}` };
  } finally {
    deadline.cancel();
    collector.discard();
  }
}

function reasonOf(outcome: Exclude<TransferOutcome, { readonly kind: 'done' }>): string {
  switch (outcome.kind) {
    case 'refused':
      return rcodeText(outcome.rcode);
    case 'no transfer':
      return `no transfer: ${outcome.why}`;
    case 'malformed':
      return `malformed: ${outcome.reason}`;
    case 'unreachable':
      return outcome.error.message;
    case 'cancelled':
    case 'other id':
    case 'other question':
    case 'out of budget':
    case 'stopped':
    case 'timeout':
      return outcome.kind;
  }
}
