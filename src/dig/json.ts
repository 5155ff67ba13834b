/**
 * Replies as values for programs, in the shape of `dns-packet` with what ts-dig knows beyond it:
 * what `+json` prints and what the library returns. One object a question, also when nobody
 * answered.
 */

import type { Message } from '../wire/message.ts';
import type { Packet, PacketOpt } from '../wire/packet.ts';
import type { PacketOption } from '../wire/packet/options.ts';
import { extendedErrorMeaning } from '../wire/extended-errors.ts';
import { classText, EdnsOption, typeText } from '../wire/iana.ts';
import type { Question } from '../wire/record.ts';
import type { Reply } from './ask.ts';
import { signatureProblem } from './failures.ts';
import { explanationJson, withoutExplanation } from './print-explanation.ts';
import type { Settings, Transport } from './settings.ts';
import type { TraceStep } from './trace-step.ts';
import type { Server } from './transports.ts';

export type ToPacket = (message: Message) => Packet;

export interface DigReply extends Packet {
  readonly server: ServerJson;
  readonly transport: Transport;
  /** From the query to the reply, connecting not included. */
  readonly rttMs: number;
  /** Octets of the reply. */
  readonly size: number;
  /** Undefined: the reply had no OPT record. */
  readonly edns?: EdnsJson;
  /** Extended errors (RFC 8914), in words. */
  readonly extendedErrors: readonly ExtendedErrorJson[];
  /** Of a signed question: 'valid', or why the reply is not to be believed. */
  readonly signature?: string;
  /** How the server came to its answer, as it says (`docs/explain.md`). */
  readonly explanation?: object;
  /** With `+trace`. */
  readonly trace?: readonly TraceStep[];
}

export interface ServerJson {
  readonly address: string;
  readonly port: number;
  /** What the user called it. */
  readonly name: string;
}

export interface EdnsJson {
  readonly version: number;
  readonly udpPayloadSize: number;
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOptionJson[];
}

/** What the data say stands beside their octets where it is known: `ip`, `timeout`, `tags`. */
export type EdnsOptionJson = Omit<PacketOption, 'data'> & { readonly hex: string };

export interface ExtendedErrorJson {
  readonly code: number;
  /** 'Blocked'; undefined where the code is not assigned. */
  readonly meaning?: string;
  /** What the server adds. */
  readonly text: string;
}

/** Of a question that nobody answered. */
export interface DigFailureJson {
  readonly error: {
    readonly message: string;
    /** What went wrong with each attempt. */
    readonly attempts: readonly string[];
  };
  readonly question: { readonly name: string; readonly type: string; readonly class: string };
  readonly servers: readonly ServerJson[];
  readonly trace?: readonly TraceStep[];
}

export function replyJson(
  reply: Reply,
  { explains, trace }: Pick<Settings, 'explains' | 'trace'>,
  { toPacket, steps }: { readonly toPacket: ToPacket; readonly steps?: readonly TraceStep[] },
): DigReply {
  const { message, signature } = reply;
  const isExplained = explains && !trace;
  const packet = toPacket(isExplained ? withoutExplanation(message) : message);
  const edns = ednsJson(packet);
  return {
    ...packet,
    ...(isExplained && { explanation: explanationJson(message) }),
    ...(edns && { edns }),
    extendedErrors: extendedErrorsOf(message),
    ...(signature && { signature: signatureProblem(signature) ?? 'valid' }),
    server: serverJson(reply.from),
    transport: reply.via,
    rttMs: Math.round(reply.rttMs * 1000) / 1000,
    size: reply.octets.length,
    ...(steps && { trace: steps }),
  };
}

export function failureJson(
  question: Question,
  servers: readonly Server[],
  failure: {
    readonly message: string;
    readonly attempts: readonly string[];
    readonly steps?: readonly TraceStep[] | undefined;
  },
): DigFailureJson {
  const { message, attempts, steps } = failure;
  return {
    error: { message, attempts },
    question: {
      name: question.name.toString(),
      type: typeText(question.type),
      class: classText(question.class),
    },
    servers: servers.map(serverJson),
    ...(steps && { trace: steps }),
  };
}

/** A line. JSON leaves control characters above ASCII as they are, and terminals act upon them. */
export function printJson(value: object): string {
  const text = JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `${text}\n`;
}

function serverJson({ endpoint, label }: Server): ServerJson {
  return { address: endpoint.address, port: endpoint.port, name: label };
}

/** From the OPT record among the additional ones, where dns-packet has it. */
function ednsJson({ additionals }: Packet): EdnsJson | undefined {
  const opt = additionals.find((record): record is PacketOpt => record.type === 'OPT');
  if (!opt) return undefined;
  const { ednsVersion, udpPayloadSize, flag_do: dnssecOk, options } = opt;
  return {
    version: ednsVersion,
    udpPayloadSize,
    dnssecOk,
    options: options.map(({ data, ...option }) => ({ ...option, hex: data.toString('hex') })),
  };
}

function extendedErrorsOf({ edns }: Message): readonly ExtendedErrorJson[] {
  return (edns?.options ?? [])
    .filter(({ code, data }) => code === EdnsOption.EDE && data.length >= 2)
    .map(({ data }) => {
      const code = (data[0]! << 8) | data[1]!;
      const meaning = extendedErrorMeaning(code);
      const text = new TextDecoder().decode(data.subarray(2));
      return { code, ...(meaning !== undefined && { meaning }), text };
    });
}
