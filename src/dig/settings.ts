/**
 * What one invocation of ts-dig is asked to do, as the command line builds it: lookups, each with
 * its own settings, and what is global to all of them. Which settings are global is dig's choice.
 */

import type { Family } from '../net/address.ts';
import { DEFAULT_UDP_PAYLOAD_SIZE } from '../wire/edns.ts';
import { DnsClass, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';

/** How a question is asked and which parts of its reply are shown. */
export interface Settings {
  readonly type: number;
  /** Whether `type` was named, so that a second one is worth a warning. */
  readonly isTypeNamed: boolean;
  readonly class: number;
  readonly isClassNamed: boolean;
  /** What stood behind each '@': addresses or names. Empty: the system's resolvers. */
  readonly servers: readonly string[];
  readonly rd: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
  readonly dnssecOk: boolean;
  /** Undefined: no EDNS. */
  readonly ednsVersion: number | undefined;
  /** Asks again with the version that a server names in BADVERS (RFC 6891 §6.1.3). */
  readonly negotiatesEdns: boolean;
  readonly udpPayloadSize: number;
  /** Asks for the server's identifier (RFC 5001). */
  readonly nsid: boolean;
  /** Asks how the server comes to its answer (`wire/explanation.ts`). */
  readonly explains: boolean;
  /** Undefined: TCP for type ANY and for explanations, else UDP. */
  readonly tcp: boolean | undefined;
  /** Shows a truncated reply instead of asking again over TCP. */
  readonly ignoresTruncation: boolean;
  readonly tries: number;
  readonly trace: boolean;
  readonly showsQuestion: boolean;
  readonly showsAnswer: boolean;
  readonly showsAuthority: boolean;
  readonly showsAdditional: boolean;
  readonly showsComments: boolean;
  readonly showsStats: boolean;
  readonly showsTtl: boolean;
  readonly showsClass: boolean;
  readonly multiline: boolean;
  /** Says which server sent each reply, where there are no statistics. */
  readonly identifies: boolean;
}

export interface Globals {
  readonly port: number;
  readonly family: Family | undefined;
  readonly localAddress: string | undefined;
  readonly timeoutMs: number;
  /** Prints the banner. */
  readonly showsCommand: boolean;
  readonly short: boolean;
  readonly json: boolean;
}

export interface Lookup {
  readonly name: DnsName;
  readonly settings: Settings;
}

export const defaultSettings: Settings = {
  type: RRType.A,
  isTypeNamed: false,
  class: DnsClass.IN,
  isClassNamed: false,
  servers: [],
  rd: true,
  ad: true,
  cd: false,
  dnssecOk: false,
  ednsVersion: 0,
  negotiatesEdns: true,
  udpPayloadSize: DEFAULT_UDP_PAYLOAD_SIZE,
  nsid: false,
  explains: false,
  tcp: undefined,
  ignoresTruncation: false,
  tries: 3,
  trace: false,
  showsQuestion: true,
  showsAnswer: true,
  showsAuthority: true,
  showsAdditional: true,
  showsComments: true,
  showsStats: true,
  showsTtl: true,
  showsClass: true,
  multiline: false,
  identifies: false,
};

export const defaultGlobals: Globals = {
  port: 53,
  family: undefined,
  localAddress: undefined,
  timeoutMs: 5000,
  showsCommand: true,
  short: false,
  json: false,
};
