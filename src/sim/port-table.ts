/**
 * Who holds which local address and port of one transport on one host. A wildcard address holds the
 * port on every address of its family; ephemeral ports are drawn, never counted up.
 */

import { addressFamily } from '../net/address.ts';
import type { Endpoint } from '../net/ports.ts';
import type { SeededRandom } from './random.ts';

const FIRST_PORT = 1024;
const PORT_COUNT = 65536 - FIRST_PORT;
/** Fails one time in 2^64 with half of the ports taken. */
const MAX_PORT_TRIES = 64;

export class PortTable<Holder> {
  readonly #ports = new Map<number, Map<string, Holder>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  isFree({ address, port }: Endpoint): boolean {
    const holders = this.#ports.get(port);
    if (holders === undefined) return true;
    for (const held of holders.keys()) {
      const overlaps = held === address || isWildcard(held) || isWildcard(address);
      if (overlaps && addressFamily(held) === addressFamily(address)) return false;
    }
    return true;
  }

  claim({ address, port }: Endpoint, holder: Holder): void {
    const holders = this.#ports.get(port) ?? new Map<string, Holder>();
    holders.set(address, holder);
    this.#ports.set(port, holders);
    this.#size += 1;
  }

  release({ address, port }: Endpoint): void {
    const holders = this.#ports.get(port);
    if (holders?.delete(address) !== true) return;
    this.#size -= 1;
    if (holders.size === 0) this.#ports.delete(port);
  }

  /** Who gets what is sent to `to`. */
  find({ address, port }: Endpoint): Holder | undefined {
    const holders = this.#ports.get(port);
    return holders?.get(address) ?? holders?.get(wildcardFor(address));
  }

  /** A free port drawn from 1024..65535, or undefined when the tries run out. */
  drawPort(address: string, random: SeededRandom): number | undefined {
    for (let tries = 0; tries < MAX_PORT_TRIES; tries += 1) {
      const port = FIRST_PORT + random.below(PORT_COUNT);
      if (this.isFree({ address, port })) return port;
    }
    return undefined;
  }
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function wildcardFor(address: string): string {
  return address.includes(':') ? '::' : '0.0.0.0';
}
