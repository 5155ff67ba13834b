/**
 * A server of our own in a simulated world, and clients that take zones from it:
 *
 *     clients (198.51.100.…) ──► server 192.0.2.53:53
 */
import { startSystem, type System, type SystemOptions } from '../../src/app/system.ts';
import { exchange } from '../../src/client/exchange.ts';
import type { ExchangeRequest } from '../../src/client/request.ts';
import { transfer, type TransferOutcome } from '../../src/client/transfer.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { World, type WorldOptions } from '../../src/sim/world.ts';
import { keyOf, type TsigKey } from '../../src/tsig/key.ts';
import { signRequest } from '../../src/tsig/sign.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, EdnsOption, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';

export const SERVER = { address: '192.0.2.53', port: 53 };

export function keyNamed(name: string, secret = 'c2VjcmV0IG9mIG91cnM='): TsigKey {
  const key = keyOf({ name, secret });
  if (!key.ok) throw new Error(key.error.problem);
  return key.value;
}

export interface Taken {
  readonly outcome: TransferOutcome;
  readonly records: readonly ResourceRecord[];
  /** What the signatures of its messages were worth. */
  readonly signatures: readonly (string | undefined)[];
  readonly last: Message | undefined;
}

export class TransferWorld {
  readonly world: World;
  readonly serverHost: SimHost;
  system!: System;
  #clients = 0;

  private constructor(options: Partial<WorldOptions>) {
    this.world = new World({ seed: 1, link: { delayMs: 5 }, ...options });
    this.serverHost = this.world.host({ addresses: [SERVER.address] });
  }

  static async open(
    options: Partial<SystemOptions>,
    world: Partial<WorldOptions> = {},
  ): Promise<TransferWorld> {
    const made = new TransferWorld(world);
    await made.start(options);
    return made;
  }

  /** Nothing runs yet. */
  static bare(world: Partial<WorldOptions> = {}): TransferWorld {
    return new TransferWorld(world);
  }

  async start(options: Partial<SystemOptions>): Promise<void> {
    const { runtime } = this.serverHost;
    const system = { runtime, logger: silentLogger, listen: [SERVER], zones: [], ...options };
    this.system = await this.world.run(startSystem(system));
  }

  client(address = `198.51.100.${1 + this.#clients++}`): SimHost {
    return this.world.host({ addresses: [address] });
  }

  /** Takes a zone; `onMessage` may hold it up. */
  async take(
    host: SimHost,
    parts: Partial<ExchangeRequest> & { readonly known?: ResourceRecord } = {},
    onMessage: (count: number) => Promise<void> | void = () => {},
  ): Promise<Taken> {
    const { known, ...rest } = parts;
    const type = known ? RRType.IXFR : RRType.AXFR;
    const question = { name: nameOf('example.'), type, class: DnsClass.IN };
    const request = {
      server: SERVER,
      question,
      timeoutMs: 60_000,
      ...(known && { authorities: [known], knownSerial: serialOf(known) }),
      ...rest,
    };
    const records: ResourceRecord[] = [];
    const signatures: (string | undefined)[] = [];
    let last: Message | undefined;
    const outcome = await transfer(host.runtime, request, async (got) => {
      records.push(...got.message.answers.slice(0, got.recordCount));
      signatures.push(got.signature?.kind);
      last = got.message;
      await onMessage(signatures.length);
      return undefined;
    });
    return { outcome, records, signatures, last };
  }

  /** One message with one reply, both as they are. */
  async send(host: SimHost, message: Partial<Message>, key?: TsigKey): Promise<Message> {
    return this.world.run(this.sending(host, message, key));
  }

  /** As `send`, for who drives the world himself. */
  async sending(host: SimHost, message: Partial<Message>, key?: TsigKey): Promise<Message> {
    const { network, clock, random } = host.runtime;
    const octets = encodeMessage(createMessage({ id: random.uint16(), ...message }));
    const nowSeconds = Math.floor(clock.wall() / 1000);
    const sent = key ? signRequest(octets, key, nowSeconds).octets : octets;
    return new Promise((resolve, reject) => {
      const onDatagram = (datagram: Uint8Array): void => {
        const reply = decodeMessage(new Uint8Array(datagram));
        if (reply.ok) resolve(reply.value);
        else reject(new Error(reply.error.reason));
      };
      const opening = network.connectUdp(SERVER, { onDatagram, onError: reject });
      void opening.then((socket) => socket.send(sent));
    });
  }

  /** One query with one reply. */
  async ask(host: SimHost, parts: Partial<ExchangeRequest>): Promise<Message> {
    const question = { name: nameOf('example.'), type: RRType.SOA, class: DnsClass.IN };
    const request = { server: SERVER, question, timeoutMs: 5000, ...parts };
    const outcome = await this.world.run(exchange(host.runtime, request));
    if (outcome.kind !== 'reply') throw new Error(outcome.kind);
    return outcome.message;
  }
}

function serialOf({ rdata }: ResourceRecord): number {
  return Buffer.from(rdata).readUInt32BE(rdata.length - 20);
}

/** Code and text of the first extended error. */
export function extendedErrorIn({ edns }: Message): string | undefined {
  const option = edns?.options.find(({ code }) => code === EdnsOption.EDE);
  return option && `${Buffer.from(option.data).readUInt16BE(0)} ${textOf(option.data)}`;
}

function textOf(data: Uint8Array): string {
  return new TextDecoder().decode(data.subarray(2));
}
