/**
 * Names of which a zone's own servers said, when asked with part of a longer name, that there is no
 * cut at them. Only the zone that said so counts: what its child says about the same name must not
 * make us show more of a name to the parent (RFC 9156 §4).
 *
 * A mere saving: a name that is forgotten is asked for again, and at one that has become a cut
 * since then the servers refer us onwards all the same.
 */

import type { Clock } from '../net/ports.ts';
import type { DnsName } from '../wire/name.ts';
import { interiorLimits } from './limits.ts';

export class Interiors {
  readonly #clock: Clock;
  /** Until when each is known, the first added first. */
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(zone: DnsName, name: DnsName): boolean {
    const untilMs = this.#untilMs.get(keyOf(zone, name));
    return untilMs !== undefined && this.#clock.monotonic() < untilMs;
  }

  add(zone: DnsName, name: DnsName): void {
    const key = keyOf(zone, name);
    this.#untilMs.delete(key);
    this.#untilMs.set(key, this.#clock.monotonic() + interiorLimits.keptMs);
    if (this.#untilMs.size <= interiorLimits.names) return;
    for (const oldest of this.#untilMs.keys()) {
      this.#untilMs.delete(oldest);
      return;
    }
  }
}

/** Which of a name's ancestors the zone is, is told by the number of its labels. */
function keyOf(zone: DnsName, name: DnsName): string {
  return `${zone.labelCount}/${name.key}`;
}
