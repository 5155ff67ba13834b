/**
 * Somebody who changes the date: he reads it at the primary, and writes it on the condition that it
 * is still what he has read (RFC 2136 §2.4.2). That is a compare-and-set, which the primary
 * decides. He sends once: whoever repeats what got no answer may find that he was beaten by
 * himself.
 */

import { exchange } from '../../../client/exchange.ts';
import type { Endpoint } from '../../../net/ports.ts';
import type { SimHost } from '../../../sim/host.ts';
import { decodeMessage } from '../../../wire/decode.ts';
import { encodeMessage } from '../../../wire/encode.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../../../wire/iana.ts';
import { createMessage, type Message } from '../../../wire/message.ts';
import type { ResourceRecord } from '../../../wire/record.ts';
import { DATE, ORIGIN } from './mix-zone.ts';

/** Of a reply. */
export const PATIENCE_MS = 2000;

export interface Attempt {
  /** What he had read; undefined when nobody answered. */
  readonly read: Uint8Array | undefined;
  /** 'beaten': somebody else was there first. */
  readonly outcome: 'done' | 'beaten' | 'refused' | 'no answer';
}

export interface CasWriterOptions {
  readonly host: SimHost;
  readonly primary: Endpoint;
  readonly ttlSeconds: number;
  /** False: he writes whatever is there, for a mutant. */
  readonly isCareful: boolean;
}

export class CasWriter {
  readonly #options: CasWriterOptions;

  constructor(options: CasWriterOptions) {
    this.#options = options;
  }

  async write(text: string): Promise<Attempt> {
    const read = await this.#read();
    if (read === undefined) return { read, outcome: 'no answer' };
    const reply = await this.#send(this.#update(read, txtOf(text)));
    return { read, outcome: reply === undefined ? 'no answer' : outcomeOf(reply.rcode) };
  }

  async #read(): Promise<Uint8Array | undefined> {
    const { host, primary } = this.#options;
    const question = { name: DATE, type: RRType.TXT, class: DnsClass.IN };
    const request = { server: primary, question, timeoutMs: PATIENCE_MS };
    const outcome = await exchange(host.runtime, request);
    if (outcome.kind !== 'reply') return undefined;
    return outcome.message.answers.find(({ type }) => type === RRType.TXT)?.rdata;
  }

  #update(read: Uint8Array, rdata: Uint8Array): Uint8Array {
    const { isCareful, ttlSeconds, host } = this.#options;
    const about = { name: DATE, type: RRType.TXT };
    const unchanged: ResourceRecord = { ...about, class: DnsClass.IN, ttl: 0, rdata: read };
    const nothing = new Uint8Array(0);
    return encodeMessage(
      createMessage({
        id: host.runtime.random.uint16(),
        opcode: Opcode.UPDATE,
        questions: [{ name: ORIGIN, type: RRType.SOA, class: DnsClass.IN }],
        answers: isCareful ? [unchanged] : [],
        authorities: [
          { ...about, class: DnsClass.ANY, ttl: 0, rdata: nothing },
          { ...about, class: DnsClass.IN, ttl: ttlSeconds, rdata },
        ],
      }),
    );
  }

  async #send(octets: Uint8Array): Promise<Message | undefined> {
    const { host, primary } = this.#options;
    const { network, clock } = host.runtime;
    let settle: (reply: Message | undefined) => void = () => {};
    const settled = new Promise<Message | undefined>((resolve) => (settle = resolve));
    const onDatagram = (datagram: Uint8Array): void => {
      const reply = decodeMessage(new Uint8Array(datagram));
      if (reply.ok) settle(reply.value);
    };
    const socket = await network.connectUdp(primary, { onDatagram, onError: () => {} });
    const timer = clock.schedule(PATIENCE_MS, () => settle(undefined));
    socket.send(octets);
    const reply = await settled;
    timer.cancel();
    socket.close();
    return reply;
  }
}

function outcomeOf(rcode: number): Attempt['outcome'] {
  if (rcode === Rcode.NOERROR) return 'done';
  return rcode === Rcode.NXRRSET ? 'beaten' : 'refused';
}

/** One character-string (RFC 1035 §3.3.14). */
function txtOf(text: string): Uint8Array {
  const octets = new TextEncoder().encode(text);
  return Uint8Array.of(octets.length, ...octets);
}
