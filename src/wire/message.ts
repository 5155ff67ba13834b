/**
 * A DNS message (RFC 1035 §4.1) as values. `decode.ts` and `encode.ts` bring it from and to octets.
 */

import type { Edns } from './edns.ts';
import type { Question, ResourceRecord } from './record.ts';

export interface Header {
  readonly id: number;
  /** True in a response. */
  readonly qr: boolean;
  readonly opcode: number;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  /** The reserved bit (RFC 6895 §2.1). */
  readonly z: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
  /** With the upper eight bits of EDNS where there is EDNS. */
  readonly rcode: number;
}

export interface Message extends Header {
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without the OPT record, which is `edns`. */
  readonly additionals: readonly ResourceRecord[];
  readonly edns?: Edns;
}

export const HEADER_OCTETS = 12;

/** The most that a length field of two octets can frame (RFC 1035 §4.2.2). */
export const MAX_MESSAGE_OCTETS = 65535;

const BLANK: Message = {
  id: 0,
  qr: false,
  opcode: 0,
  aa: false,
  tc: false,
  rd: false,
  ra: false,
  z: false,
  ad: false,
  cd: false,
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

/** A message with these parts; every flag that is not named is clear, every section empty. */
export function createMessage(parts: Partial<Message>): Message {
  // Not two spreads, of which the second takes many times as long as the first.
  const message: Message = { ...BLANK };
  return Object.assign(message, parts);
}
