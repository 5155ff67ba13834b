/** What the supervisor and its workers tell each other: values that can be cloned. */

import type { Outcome } from '../authority/outcome.ts';
import type { Operation } from '../authority/upkeep.ts';
import type { Endpoint } from '../net/ports.ts';
import { DnsName } from '../wire/name.ts';
import type { ZoneImage } from '../zone/image-layout.ts';

export interface WorkerTask {
  /** A `Config` as `carriedConfig` makes it. */
  readonly config: unknown;
  readonly listen: readonly Endpoint[];
  /** In memory that all workers share: there is one copy of each zone. */
  readonly images: readonly ZoneImage[];
  /** Origins of zones that are ours, and without data. */
  readonly withheld: readonly Uint8Array[];
  /** The memory of a `DescriptorLedger`. */
  readonly ledger: SharedArrayBuffer;
  /** Of messages that the supervisor takes (`Upkeep`). */
  readonly opcodes: readonly number[];
}

export type ToWorker =
  | { readonly kind: 'put'; readonly image: ZoneImage }
  | { readonly kind: 'delete'; readonly origin: Uint8Array }
  | { readonly kind: 'withhold'; readonly origin: Uint8Array }
  /** What is live of a configuration holds from now on. */
  | { readonly kind: 'configure'; readonly config: unknown; readonly logLevel: string }
  /** A request of the control socket; the reply comes under the same number. */
  | { readonly kind: 'control'; readonly id: number; readonly request: ControlRequest }
  /** More lines of the reply are wanted, or none any more. */
  | { readonly kind: 'more' | 'enough'; readonly id: number }
  /** What came of an operation, or what is known of a zone's changes, as entries of a journal. */
  | { readonly kind: 'operated'; readonly id: number; readonly outcome: Outcome }
  | {
      readonly kind: 'changes';
      readonly id: number;
      readonly entries: readonly Uint8Array[] | undefined;
    }
  | { readonly kind: 'reopen-query-log' }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly endpoints: readonly Endpoint[] }
  | { readonly kind: 'failed'; readonly message: string }
  /** What it has counted so far: it may end without being asked. */
  | { readonly kind: 'tally'; readonly counts: Readonly<Record<string, unknown>> }
  | { readonly kind: 'controlled'; readonly id: number; readonly reply: CarriedReply }
  /** Some lines; of the last ones `isLast` is true. */
  | {
      readonly kind: 'lines';
      readonly id: number;
      readonly lines: readonly string[];
      readonly isLast: boolean;
    }
  | { readonly kind: 'operate'; readonly id: number; readonly operation: Operation }
  | {
      readonly kind: 'since';
      readonly id: number;
      readonly origin: Uint8Array;
      readonly serial: number;
      /** Of the version that the worker has. */
      readonly to: number;
    }
  | { readonly kind: 'stopped' };

type ControlRequest = Readonly<Record<string, unknown>>;

/** A reply without its lines, which follow as they are wanted. */
export type CarriedReply =
  | { readonly ok: true; readonly result: object; readonly hasLines: boolean }
  | { readonly ok: false; readonly error: string };

/** A name on its way: cloning would leave of a `DnsName` its octets without its methods. */
interface CarriedName {
  readonly wireOfName: Uint8Array;
}

/** Plain data with names in it, as values that can be cloned. */
export function carriedConfig(value: unknown): unknown {
  if (value instanceof DnsName) return { wireOfName: value.wire } satisfies CarriedName;
  return mapParts(value, carriedConfig);
}

/** The inverse of `carriedConfig`. */
export function openedConfig(value: unknown): unknown {
  if (isCarriedName(value)) return DnsName.fromWire(value.wireOfName);
  return mapParts(value, openedConfig);
}

function isCarriedName(value: unknown): value is CarriedName {
  return typeof value === 'object' && value !== null && 'wireOfName' in value;
}

function mapParts(value: unknown, change: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part)]));
}
