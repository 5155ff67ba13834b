/**
 * The library ts-dns: the codec in its own shape and in that of `dns-packet`, zones, a client, and
 * whole name servers over real sockets. What is not exported here may change at any time.
 */

export {
  startSystem,
  type RecursionOptions,
  type System,
  type SystemOptions,
} from './app/system.ts';
export { dig, DigError } from './cli/dig-function.ts';
export { exchange } from './client/exchange.ts';
export type { Exchange, ExchangeReply } from './client/outcome.ts';
export type { ExchangeRequest } from './client/request.ts';
export {
  transfer,
  type OnTransferMessage,
  type TransferMessage,
  type TransferOutcome,
  type TransferRequest,
  type TransferSize,
} from './client/transfer.ts';
export type { DigReply } from './dig/json.ts';
export type { TraceStep } from './dig/trace-step.ts';
export type { Cancellation } from './net/cancellation.ts';
export { BindError, ConnectError, DnsError } from './net/errors.ts';
export { silentLogger, type Logger } from './net/logger.ts';
export type { Clock, Endpoint, Network, Random, Runtime } from './net/ports.ts';
export { createRealRuntime } from './net/real/runtime.ts';
export { parsePrefix, type AddressPrefix } from './query/address-prefix.ts';
export type { Answer, Answerer, Query, Step } from './query/query.ts';
export { createResolver, type Resolver, type ResolverOptions } from './resolver/resolver.ts';
export { rootHints, type RootHint } from './resolver/root-hints.ts';
export { parseKey as parseTsigKey, type KeyProblem, type TsigKey } from './tsig/key.ts';
export type { ReplyFlaw, ReplyVerdict } from './tsig/verify.ts';
export { decodeMessage, type Malformed, type MalformedReason } from './wire/decode.ts';
export { plainEdns, type Edns } from './wire/edns.ts';
export { encodeMessage } from './wire/encode.ts';
export {
  classText,
  DnsClass,
  Opcode,
  parseClass,
  parseType,
  Rcode,
  rcodeText,
  RRType,
  typeText,
} from './wire/iana.ts';
export { createMessage, type Header, type Message } from './wire/message.ts';
export { DnsName } from './wire/name.ts';
export { nameOf, parseName } from './wire/name-text.ts';
export { fromPacket, printPacket, toPacket, type Packet, type PacketInput } from './wire/packet.ts';
export { parseRdata, printRdata } from './wire/rdata/rdata.ts';
export { splitTokens, type Token } from './wire/rdata/tokens.ts';
export type { Question, ResourceRecord, RRset } from './wire/record.ts';
export type { Result } from './wire/result.ts';
export { formatProblem, type ZoneProblem } from './zone/problem.ts';
export { loadZone, type Zone } from './zone/zone.ts';
