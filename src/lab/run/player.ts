/** One node of a cast: its process while it is up, and what it keeps between lives. */

import type { Disk, NodeId, Process } from '../process/process.ts';
import type { CrashOptions } from './fault.ts';

/** What waits for a node that is paused. */
export interface Waiting {
  happen(): void;
  /** The node crashed before it could happen. */
  lose?(): void;
}

/** How long a node works on each datagram before its process gets it, one after the other. */
export interface Service {
  /** Nanoseconds a datagram. */
  readonly serviceNs?: number;
  /** And for each octet of its payload. */
  readonly serviceNsPerOctet?: number;
}

export class Player {
  readonly id: NodeId;
  /** Undefined while the node is down. */
  process: Process | undefined;
  /** Counts the crashes, so that nothing of an earlier life reaches a later one. */
  life = 0;
  /** While paused, what happened to the node waits here. */
  inbox: Waiting[] | undefined;
  readonly disk: KeptDisk = new KeptDisk();
  /** When all that has come is worked off. */
  freeAtNs = 0;
  readonly #service: Required<Service>;

  constructor(id: NodeId, { serviceNs = 0, serviceNsPerOctet = 0 }: Service) {
    this.id = id;
    this.#service = { serviceNs, serviceNsPerOctet };
  }

  serviceNs(octets: number): number {
    const { serviceNs, serviceNsPerOctet } = this.#service;
    return serviceNs + Math.round(serviceNsPerOctet * octets);
  }

  crash(options: CrashOptions): void {
    const { inbox = [] } = this;
    this.process = undefined;
    this.inbox = undefined;
    this.life += 1;
    this.freeAtNs = 0;
    this.disk.crash(options);
    for (const waiting of inbox) waiting.lose?.();
  }
}

/** A disk outlives the processes that write to it. */
class KeptDisk implements Disk {
  readonly #files = new Map<string, Uint8Array>();
  #lastWrite: { readonly key: string; readonly before: Uint8Array | undefined } | undefined;

  read(key: string): Uint8Array | undefined {
    const kept = this.#files.get(key);
    return kept && new Uint8Array(kept);
  }

  write(key: string, bytes: Uint8Array): void {
    this.#lastWrite = { key, before: this.#files.get(key) };
    this.#files.set(key, new Uint8Array(bytes));
  }

  crash({ keepsDisk = true, tearsWrite = false }: CrashOptions): void {
    if (!keepsDisk) this.#files.clear();
    else if (tearsWrite && this.#lastWrite !== undefined) this.#tear(this.#lastWrite);
    this.#lastWrite = undefined;
  }

  #tear({ key, before }: { readonly key: string; readonly before: Uint8Array | undefined }): void {
    const written = this.#files.get(key) ?? new Uint8Array(0);
    const half = written.slice(0, Math.floor(written.length / 2));
    const torn = new Uint8Array(Math.max(half.length, before?.length ?? 0));
    torn.set(before ?? half);
    torn.set(half);
    this.#files.set(key, torn);
  }
}
