/**
 * EDNS(0), RFC 6891: what the OPT pseudo-record says, apart from the rcode's upper bits, which
 * `Message.rcode` includes. Options are kept as octets; whoever understands one reads it.
 */

import { copyBytes } from './bytes.ts';

export interface Edns {
  /** The largest UDP message that the sender takes, as it said it (may be below 512). */
  readonly udpPayloadSize: number;
  readonly version: number;
  /** DO (RFC 3225). */
  readonly dnssecOk: boolean;
  /** The other 15 flag bits, in their places. */
  readonly flags: number;
  readonly options: readonly EdnsOptionValue[];
}

export interface EdnsOptionValue {
  readonly code: number;
  readonly data: Uint8Array;
}

const ednsLimits = {
  /** Options of one message that are read; a list of thousands attacks whoever scans it. */
  options: 32,
} as const;

/**
 * Avoids IP fragments on practically every path (RFC 9715 §3.1); what is larger goes over TCP.
 */
export const DEFAULT_UDP_PAYLOAD_SIZE = 1232;

/** What a message without EDNS may take over UDP (RFC 1035 §4.2.1). */
export const CLASSIC_UDP_PAYLOAD_SIZE = 512;

/** EDNS as we send it unless asked otherwise. */
export function plainEdns(dnssecOk = false): Edns {
  return {
    udpPayloadSize: DEFAULT_UDP_PAYLOAD_SIZE,
    version: 0,
    dnssecOk,
    flags: 0,
    options: [],
  };
}

/** The first options in OPT rdata; undefined when they overrun it. */
export function decodeOptions(
  bytes: Uint8Array,
  start: number,
  end: number,
): EdnsOptionValue[] | undefined {
  const options: EdnsOptionValue[] = [];
  for (let at = start; at < end;) {
    if (at + 4 > end) return undefined;
    const code = (bytes[at]! << 8) | bytes[at + 1]!;
    const dataEnd = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (dataEnd > end) return undefined;
    if (options.length < ednsLimits.options) {
      options.push({ code, data: copyBytes(bytes, at + 4, dataEnd) });
    }
    at = dataEnd;
  }
  return options;
}

/** Octets of the OPT record that carries `edns`. */
export function optRecordLength(edns: Edns): number {
  return edns.options.reduce((sum, option) => sum + 4 + option.data.length, 11);
}
