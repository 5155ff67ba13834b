/**
 * Zone transfers to others: AXFR (RFC 5936) and IXFR (RFC 1995). All of a transfer comes out of one
 * version of the zone, whatever is loaded meanwhile: an image never changes.
 *
 *     who may not ─► REFUSED     no zone of ours ─► NOTAUTH     expired ─► SERVFAIL
 *     AXFR over UDP ─► FORMERR   too many at once ─► SERVFAIL
 *     IXFR ─┬─ the client has it ──────────────────────► SOA
 *           ├─ differences known ─┬─ over TCP ─────────► stream of differences
 *           │                     └─ over UDP, if fit ─► one message, else SOA
 *           └─ not known ─────────┬─ over TCP ─────────► stream of the zone
 *                                 └─ over UDP ─────────► SOA
 */

import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import { emptyAnswer, type Answer, type Query } from '../query/query.ts';
import { replyLimit } from '../query/render.ts';
import type { StreamOutcome } from '../query/reply-stream.ts';
import { DnsClass, ExtendedError, Rcode, RRType, typeText } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { isNewer, serialOf, type ZoneDifference } from '../zone/difference.ts';
import type { Zone } from '../zone/zone.ts';
import { permits, type PolicyTable } from './policy.ts';
import { differenceRecords, inMessages, octetsOf, zoneRecords } from './transfer-messages.ts';
import { withheldAnswer } from './withheld.ts';
import type { ZoneSet } from './zone-set.ts';

export interface TransferLimits {
  /** At once, to all clients together. */
  readonly transfers: number;
  /** At once, to one address: another one finds a place beside somebody who takes many. */
  readonly transfersPerAddress: number;
  /** Of one transfer. A client that takes nothing for some seconds is cut off anyway. */
  readonly transferMs: number;
}

export const transferLimits: TransferLimits = {
  transfers: 10,
  transfersPerAddress: 2,
  transferMs: 7_200_000,
};

/** What was changed, as far as it is remembered. */
export interface ZoneHistory {
  /**
   * What leads from the version of this serial to that of `zone`, oldest first: one difference at
   * least. Undefined when it is not known.
   */
  since(zone: Pick<Zone, 'origin' | 'serial'>, serial: number): Differences | Promise<Differences>;
}

export type Differences = readonly ZoneDifference[] | undefined;

export interface TransferContext {
  readonly zones: ZoneSet;
  readonly policies: Pick<PolicyTable, 'for'>;
  /** Absent: IXFR is answered with the whole zone. */
  readonly history?: ZoneHistory | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<TransferLimits> | undefined;
}

/** Answers queries of types AXFR and IXFR, of others than QUERY none. */
export function transferAnswerer(
  context: TransferContext,
): (query: Query) => Answer | Promise<Answer> {
  const slots = new Slots({ ...transferLimits, ...context.limits });
  return (query) => {
    const { zones, policies } = context;
    const { question, client, key } = query;
    const zone = zones.get(question.name);
    const isWithheld = zones.isWithheld(question.name);
    if (question.class !== DnsClass.IN || (!zone && !isWithheld)) return notOurs;
    const origin = question.name;
    if (!permits(policies.for(origin).transfer, { address: client.address, key })) return refused;
    if (!zone) return withheldAnswer(origin);
    const offer: Offer = { zone, query, slots, context };
    return question.type === RRType.AXFR ? answerAxfr(offer) : answerIxfr(offer);
  };
}

interface Offer {
  readonly zone: Zone;
  readonly query: Query;
  readonly slots: Slots;
  readonly context: TransferContext;
}

function answerAxfr(offer: Offer): Answer {
  // RFC 5936 §4.2: there is no AXFR over UDP.
  if (offer.query.transport === 'udp') return emptyAnswer(Rcode.FORMERR);
  return stream(offer, zoneRecords(offer.zone), 'whole');
}

function answerIxfr(offer: Offer): Answer | Promise<Answer> {
  const { zone, query, context } = offer;
  const serial = clientSerial(query, zone.origin);
  if (serial === undefined) return emptyAnswer(Rcode.FORMERR);
  // RFC 1995 §2: to a client that has this version, or a newer one, its SOA alone.
  if (!isNewer(zone.serial, serial)) return onlySoa(zone);
  const known = context.history?.since(zone, serial);
  return known instanceof Promise
    ? known.then((differences) => answerKnown(offer, differences))
    : answerKnown(offer, known);
}

function answerKnown(offer: Offer, differences: Differences): Answer {
  const { zone, query } = offer;
  if (query.transport === 'tcp') {
    return differences
      ? stream(offer, differenceRecords(differences), 'differences')
      : stream(offer, zoneRecords(zone), 'whole');
  }
  // RFC 1995 §4: what does not fit is asked for over TCP, which the SOA alone says.
  const rrsets = differences ? [...differenceRecords(differences)] : [];
  const room = replyLimit(query.message, 'udp') - UDP_OVERHEAD_OCTETS;
  const fits = differences !== undefined && octetsOf(rrsets) <= room;
  return fits ? { ...positive, answers: rrsets } : onlySoa(zone);
}

/** Header, question, EDNS with what may stand in it, and a signature. */
const UDP_OVERHEAD_OCTETS = 300;

const positive: Answer = { ...emptyAnswer(Rcode.NOERROR), authoritative: true };

function onlySoa(zone: Zone): Answer {
  return { ...positive, answers: [zone.soa] };
}

/** RFC 1995 §3: the version of the client stands in the authority section. */
function clientSerial({ message }: Query, origin: DnsName): number | undefined {
  const soa = message.authorities.find(
    ({ type, name }) => type === RRType.SOA && name.equals(origin),
  );
  return soa && soa.rdata.length >= LEAST_SOA_OCTETS ? serialOf(soa) : undefined;
}

/** Two names of the root, five numbers. */
const LEAST_SOA_OCTETS = 22;

function stream(offer: Offer, rrsets: Iterable<RRset>, what: 'whole' | 'differences'): Answer {
  const { zone, query, slots, context } = offer;
  const { address, port } = query.client;
  const fields = {
    zone: zone.origin.toString(),
    serial: zone.serial,
    client: `${address}#${port}`,
    type: typeText(query.question.type),
    what,
    ...(query.key && { key: query.key.toString() }),
  };
  // Only now: who is refused takes nobody's place.
  const release = slots.take(address);
  if (!release) {
    context.logger.warn(fields, 'no transfer: too many are under way');
    return busy;
  }
  const finish = ({ isWhole, messages, octets }: StreamOutcome): void => {
    release();
    const outcome = isWhole ? 'zone transferred' : 'zone transfer broken off';
    context.logger.info({ ...fields, messages, octets }, outcome);
  };
  return {
    ...positive,
    stream: { parts: inMessages(rrsets), timeMs: slots.limits.transferMs, finish },
  };
}

class Slots {
  readonly limits: TransferLimits;
  readonly #perAddress = new Map<string, number>();
  #taken = 0;

  constructor(limits: TransferLimits) {
    this.limits = limits;
  }

  /** What gives the place back; undefined when there is none. */
  take(address: string): (() => void) | undefined {
    const count = this.#perAddress.get(address) ?? 0;
    const { transfers, transfersPerAddress } = this.limits;
    if (this.#taken >= transfers || count >= transfersPerAddress) return undefined;
    this.#taken++;
    this.#perAddress.set(address, count + 1);
    return () => {
      this.#taken--;
      const left = this.#perAddress.get(address)! - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    };
  }
}

const refused = emptyAnswer(Rcode.REFUSED, [
  {
    code: ExtendedError.PROHIBITED,
    text: 'transfers of this zone are not offered to this address or key',
  },
]);

const notOurs = emptyAnswer(Rcode.NOTAUTH, [
  { code: ExtendedError.NOT_AUTHORITATIVE, text: 'no zone of this server has this name' },
]);

const busy = emptyAnswer(Rcode.SERVFAIL, [
  { code: ExtendedError.NOT_READY, text: 'too many transfers are under way: try again later' },
]);
