/**
 * Tells secondaries of a new version (RFC 1996 §3): the name servers of the zone whose addresses
 * are in our zones, but for the primary that the SOA names, and those that were listed. One that
 * does not answer is told again, later and later; a newer version takes the place of an older one.
 */

import { exchange } from '../client/exchange.ts';
import { CancellationSource } from '../net/cancellation.ts';
import type { Logger } from '../net/logger.ts';
import type { Endpoint, Runtime, Timer } from '../net/ports.ts';
import { bytesToAddress } from '../net/address.ts';
import { DnsClass, Opcode, rcodeText, RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { Zone } from '../zone/zone.ts';
import type { ZoneSet } from './zone-set.ts';

const notifierLimits = {
  /** How often one target is told of one version (RFC 1996 §3.6). */
  tries: 5,
  answerMs: 5000,
  /** From the first try to the second; doubled from there. */
  retryMs: 15_000,
  /** Targets of one zone. */
  targets: 50,
  /** Between two that are sent, of all zones together: thousands may be loaded at once. */
  gapMs: 50,
} as const;

/** Whom to tell of which zone. */
export interface NotifyTargets {
  /** Beside the zone's own name servers. */
  readonly also: readonly Endpoint[];
}

export interface NotifierContext {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly zones: ZoneSet;
  /** Undefined: nobody is told of this zone. */
  readonly targetsOf: (origin: DnsName) => NotifyTargets | undefined;
}

interface Telling {
  readonly zone: Zone;
  readonly target: Endpoint;
  tries: number;
  timer: Timer | undefined;
}

export class Notifier {
  readonly #context: NotifierContext;
  /** By zone and target. */
  readonly #tellings = new Map<string, Telling>();
  readonly #end = new CancellationSource();
  #freeAtMs = 0;

  constructor(context: NotifierContext) {
    this.#context = context;
  }

  /** How many are to be told; 0 when nobody is. */
  tell(zone: Zone): number {
    const wanted = this.#context.targetsOf(zone.origin);
    if (!wanted || this.#end.aborted) return 0;
    const targets = [...wanted.also, ...this.#nameServers(zone)].slice(0, notifierLimits.targets);
    const unique = new Map(targets.map((one) => [`${one.address}#${one.port}`, one]));
    for (const [key, target] of unique) {
      const name = `${zone.origin.key} ${key}`;
      this.#tellings.get(name)?.timer?.cancel();
      const telling: Telling = { zone, target, tries: 0, timer: undefined };
      this.#tellings.set(name, telling);
      this.#sendIn(0, name, telling);
    }
    return unique.size;
  }

  close(): void {
    this.#end.abort();
    for (const { timer } of this.#tellings.values()) timer?.cancel();
    this.#tellings.clear();
  }

  #sendIn(delayMs: number, name: string, telling: Telling): void {
    const { clock } = this.#context.runtime;
    const atMs = Math.max(clock.monotonic() + delayMs, this.#freeAtMs);
    if (delayMs === 0) this.#freeAtMs = atMs + notifierLimits.gapMs;
    telling.timer = clock.schedule(atMs - clock.monotonic(), () => void this.#send(name, telling));
  }

  async #send(name: string, telling: Telling): Promise<void> {
    const { runtime, logger } = this.#context;
    const { zone, target } = telling;
    telling.tries++;
    const outcome = await exchange(runtime, {
      server: target,
      question: { name: zone.origin, type: RRType.SOA, class: DnsClass.IN },
      flags: { opcode: Opcode.NOTIFY, aa: true },
      edns: false,
      timeoutMs: notifierLimits.answerMs,
      signal: this.#end,
    });
    // Something newer is being told by now.
    if (this.#tellings.get(name) !== telling) return;
    const { address, port } = target;
    const fields = { zone: zone.origin.toString(), serial: zone.serial, to: `${address}#${port}` };
    if (outcome.kind === 'reply') {
      // RFC 1996 §3.11: whatever it says, it has heard.
      this.#tellings.delete(name);
      logger.info({ ...fields, rcode: rcodeText(outcome.message.rcode) }, 'secondary told');
    } else if (telling.tries < notifierLimits.tries && !this.#end.aborted) {
      this.#sendIn(notifierLimits.retryMs * 2 ** (telling.tries - 1), name, telling);
    } else {
      this.#tellings.delete(name);
      logger.warn({ ...fields, outcome: outcome.kind }, 'a secondary could not be told');
    }
  }

  /** RFC 1996 §2: all in the NS of the apex but the one in the SOA's first field. */
  *#nameServers(zone: Zone): Iterable<Endpoint> {
    const [primary] = namesIn(RRType.SOA, zone.soa.rdatas[0]!);
    const ns = zone.rrset(zone.origin, RRType.NS);
    for (const rdata of ns?.rdatas ?? []) {
      const server = DnsName.fromWire(rdata);
      if (primary?.equals(server) === true) continue;
      const home = this.#context.zones.enclosing(server);
      for (const type of [RRType.A, RRType.AAAA]) {
        for (const octets of home?.rrset(server, type)?.rdatas ?? []) {
          yield { address: bytesToAddress(octets), port: 53 };
        }
      }
    }
  }
}
