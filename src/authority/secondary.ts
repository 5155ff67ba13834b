/**
 * A zone that comes from elsewhere (RFC 1034 §4.3.5): looked after by the timers of its SOA.
 *
 *     start ─► on disk and not expired? ─► serve
 *       │
 *       ▼      same serial ──────────────────────────┐
 *     check ──► newer ─► IXFR, AXFR ─► disk ─► serve ─┴─► again after REFRESH, or at a NOTIFY
 *       ▲ └───► no primary answers ─► again after RETRY
 *       └─────────────────────────────────┘
 *     EXPIRE after the last check that succeeded ─► SERVFAIL, until one succeeds
 *
 * Times in which the server was down count: the last check is on disk, by the wall clock.
 */

import { exchange } from '../client/exchange.ts';
import { CancellationSource } from '../net/cancellation.ts';
import type { Logger } from '../net/logger.ts';
import type { Runtime, Timer } from '../net/ports.ts';
import { DnsClass, Rcode, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { isWellFormed } from '../wire/rdata/rdata.ts';
import { isNewer, serialOf, soaTimes } from '../zone/difference.ts';
import type { Zone } from '../zone/zone.ts';
import type { Collected } from './transfer-collector.ts';
import { fetchZone, transferInLimits, type Primary, type TransferInLimits } from './transfer-in.ts';
import type { ZoneJournal } from './zone-journal.ts';
import type { ZoneSet } from './zone-set.ts';

export interface SecondaryLimits extends TransferInLimits {
  /** Bounds of what a SOA may say: a primary must not make us ask all the time, or never. */
  readonly refreshSecondsMin: number;
  readonly refreshSecondsMax: number;
  readonly retrySecondsMin: number;
  readonly retrySecondsMax: number;
  /** Between checks that a NOTIFY brought about. */
  readonly notifyMs: number;
  /** How long one primary is waited for, in a check; it is asked twice. */
  readonly answerMs: number;
}

const secondaryLimits: SecondaryLimits = {
  ...transferInLimits,
  refreshSecondsMin: 30,
  refreshSecondsMax: 2_419_200,
  retrySecondsMin: 10,
  retrySecondsMax: 1_209_600,
  notifyMs: 1000,
  answerMs: 3000,
};

/** Up to this part of a delay is left out, so that not all zones are due at once. */
const JITTER = 0.1;

export interface SecondaryContext {
  readonly origin: DnsName;
  /** Tried one after the other, beginning with the one that answered last. */
  readonly primaries: readonly Primary[];
  readonly journal: ZoneJournal;
  readonly zones: ZoneSet;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly limits?: Partial<SecondaryLimits> | undefined;
  /** When a check may begin that a NOTIFY is to bring about at `dueMs`; default: then. */
  readonly pace?: (dueMs: number) => number;
}

export interface SecondaryStatus {
  readonly serial: number | undefined;
  readonly isExpired: boolean;
  /** Milliseconds from now. */
  readonly nextCheckMs: number | undefined;
  readonly expiresMs: number | undefined;
  readonly lastProblem: string | undefined;
}

export class Secondary {
  readonly #context: SecondaryContext;
  readonly #limits: SecondaryLimits;
  readonly #end = new CancellationSource();
  #nextPrimary = 0;
  #checking: Promise<void> | undefined;
  /** Another check is due when the one under way is over. */
  #isNewsWaiting = false;
  #notifiedAtMs = -Infinity;
  #checkTimer: Timer | undefined;
  #checkAtMs: number | undefined;
  #expiryTimer: Timer | undefined;
  #expiresAtMs: number | undefined;
  #failures = 0;
  #lastProblem: string | undefined;

  constructor(context: SecondaryContext) {
    this.#context = context;
    this.#limits = { ...secondaryLimits, ...context.limits };
  }

  get origin(): DnsName {
    return this.#context.origin;
  }

  get primaries(): readonly Primary[] {
    return this.#context.primaries;
  }

  /** Beginning with the one that answered last. */
  get primariesInTurn(): readonly Primary[] {
    const { primaries } = this.#context;
    return [...primaries.slice(this.#nextPrimary), ...primaries.slice(0, this.#nextPrimary)];
  }

  get status(): SecondaryStatus {
    const nowMs = this.#clock.monotonic();
    const zone = this.#served;
    return {
      serial: zone?.serial,
      isExpired: zone === undefined,
      nextCheckMs: this.#checkAtMs === undefined ? undefined : this.#checkAtMs - nowMs,
      expiresMs: this.#expiresAtMs === undefined ? undefined : this.#expiresAtMs - nowMs,
      lastProblem: this.#lastProblem,
    };
  }

  /** Serves what is on disk, if it has not expired, and begins to look after it. */
  start(): void {
    const { journal, zones, runtime } = this.#context;
    const { zone, checkedAtMs } = journal;
    zones.withhold(this.origin);
    if (!zone || checkedAtMs === undefined) return this.#wakeIn(0);
    // A wall clock that was set back must not make old data new.
    const ageMs = Math.max(0, runtime.clock.wall() - checkedAtMs);
    const { expireSeconds } = timesOf(zone);
    if (ageMs >= expireSeconds * 1000) return this.#wakeIn(0);
    zones.put(zone);
    this.#expireIn(expireSeconds * 1000 - ageMs);
    this.#wakeIn(Math.max(0, this.#refreshMs(zone) - ageMs));
  }

  /** Somebody who may has said that there is news (RFC 1996 §4.7): soon, and together. */
  notified(): void {
    if (this.#checking) {
      this.#isNewsWaiting = true;
      return;
    }
    const nowMs = this.#clock.monotonic();
    const dueMs = Math.max(nowMs, this.#notifiedAtMs + this.#limits.notifyMs);
    if (this.#checkAtMs !== undefined && this.#checkAtMs <= dueMs) return;
    const atMs = this.#context.pace?.(dueMs) ?? dueMs;
    this.#wakeIn(atMs - nowMs);
    this.#notifiedAtMs = atMs;
  }

  /** Checks now; resolves when that is over. */
  refresh(): Promise<void> {
    // What has expired is good again when a primary has nothing newer.
    return this.#check(this.#context.journal.zone);
  }

  /** Takes the whole zone, whatever its serial; resolves when that is over. */
  retransfer(): Promise<void> {
    return this.#check(undefined);
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#checkTimer?.cancel();
    this.#expiryTimer?.cancel();
    await this.#checking;
  }

  get #clock(): Runtime['clock'] {
    return this.#context.runtime.clock;
  }

  get #served(): Zone | undefined {
    return this.#context.zones.get(this.origin);
  }

  #check(have: Zone | undefined): Promise<void> {
    if (this.#end.aborted) return Promise.resolve();
    this.#checkTimer?.cancel();
    this.#checkAtMs = undefined;
    this.#checking ??= this.#checkOnce(have).finally(() => {
      this.#checking = undefined;
      if (!this.#isNewsWaiting) return;
      this.#isNewsWaiting = false;
      this.notified();
    });
    return this.#checking;
  }

  async #checkOnce(have: Zone | undefined): Promise<void> {
    const problem = await this.#askAll(have).catch((err: unknown) => {
      this.#context.logger.error({ err, zone: this.origin.toString() }, 'a check has failed');
      return err instanceof Error ? err.message : String(err);
    });
    if (this.#end.aborted) return;
    this.#lastProblem = problem;
    if (problem === undefined) {
      this.#failures = 0;
      const zone = this.#served!;
      this.#expireIn(timesOf(zone).expireSeconds * 1000);
      this.#wakeIn(this.#refreshMs(zone));
      return;
    }
    this.#failures++;
    const fields = { zone: this.origin.toString(), problem };
    this.#context.logger.warn(fields, 'no primary of a zone could be asked');
    this.#wakeIn(this.#retryMs());
  }

  /** Undefined when one of the primaries was good, else what was wrong with the last. */
  async #askAll(have: Zone | undefined): Promise<string | undefined> {
    const { primaries } = this.#context;
    let problem: string | undefined = 'there is no primary';
    for (let tries = 0; tries < primaries.length && !this.#end.aborted; tries++) {
      const index = (this.#nextPrimary + tries) % primaries.length;
      const primary = primaries[index]!;
      problem = await this.#askOne(primary, have);
      if (problem === undefined) {
        this.#nextPrimary = index;
        return undefined;
      }
      const { address, port } = primary.server;
      problem = `${address}#${port}: ${problem}`;
      this.#context.logger.debug(
        { zone: this.origin.toString(), problem },
        'a primary was no good',
      );
    }
    return problem;
  }

  async #askOne(primary: Primary, have: Zone | undefined): Promise<string | undefined> {
    const { origin, runtime } = this.#context;
    if (have) {
      const serial = await this.#serialAt(primary);
      if (typeof serial === 'string') return serial;
      if (serial === have.serial) {
        await this.#confirm(have);
        return undefined;
      }
      if (!isNewer(serial, have.serial)) return `its serial ${serial} is older than ours`;
    }
    const signal = this.#end;
    const wanted = { origin, primary, have, limits: this.#limits, signal };
    return this.#keep(await fetchZone(runtime, wanted), have);
  }

  /** Puts on disk what came, then into service. */
  async #keep(fetched: Collected, have: Zone | undefined): Promise<string | undefined> {
    const { journal, zones, logger } = this.#context;
    if (this.#end.aborted) return 'the server stops';
    if (fetched.kind === 'failed') return fetched.why;
    const checked = { kind: 'checked', atMs: Math.floor(this.#clock.wall()) } as const;
    if (fetched.kind === 'current') {
      await this.#confirm(have!);
      return undefined;
    }
    const { zone } = fetched;
    if (have && !isNewer(zone.serial, have.serial)) return 'it brought no newer version';
    if (fetched.kind === 'differences') await journal.append(zone, fetched.differences, [checked]);
    else await journal.replace(zone, [checked]);
    zones.put(zone);
    const fields = { zone: zone.origin.toString(), serial: zone.serial, records: zone.recordCount };
    logger.info({ ...fields, what: fetched.kind }, 'zone taken from its primary');
    return undefined;
  }

  /** The version that is there is the newest. */
  async #confirm(zone: Zone): Promise<void> {
    await this.#context.journal.noteCheck(this.#clock.wall());
    if (!this.#served) this.#context.zones.put(zone);
  }

  /** Of the zone's SOA there, or what was wrong. */
  async #serialAt({ server, key }: Primary): Promise<number | string> {
    const { origin, runtime } = this.#context;
    const outcome = await exchange(runtime, {
      server,
      question: { name: origin, type: RRType.SOA, class: DnsClass.IN },
      timeoutMs: this.#limits.answerMs,
      tries: 2,
      signal: this.#end,
      ...(key && { key }),
    });
    if (outcome.kind !== 'reply') return outcome.kind;
    if (key && outcome.signature?.kind !== 'valid') return 'its reply is not signed by the key';
    const { rcode, aa, answers } = outcome.message;
    const soa = answers.find(({ type, name }) => type === RRType.SOA && name.equals(origin));
    if (rcode !== Rcode.NOERROR || !aa || !soa || !isWellFormed(RRType.SOA, soa.rdata)) {
      return 'it is no authority for the zone';
    }
    return serialOf(soa);
  }

  #refreshMs(zone: Zone): number {
    const { refreshSecondsMin, refreshSecondsMax } = this.#limits;
    const { refreshSeconds } = timesOf(zone);
    return this.#jittered(within(refreshSeconds, refreshSecondsMin, refreshSecondsMax));
  }

  /** Without a zone nobody says how often, so more and more seldom. */
  #retryMs(): number {
    const { retrySecondsMin, retrySecondsMax } = this.#limits;
    const zone = this.#context.journal.zone;
    const grown = retrySecondsMin * 2 ** Math.min(this.#failures - 1, 6);
    const seconds = this.#served && zone ? timesOf(zone).retrySeconds : grown;
    return this.#jittered(within(seconds, retrySecondsMin, retrySecondsMax));
  }

  #jittered(seconds: number): number {
    const { random } = this.#context.runtime;
    return seconds * 1000 * (1 - (JITTER * random.below(1000)) / 1000);
  }

  #wakeIn(delayMs: number): void {
    this.#checkTimer?.cancel();
    this.#checkAtMs = this.#clock.monotonic() + delayMs;
    this.#checkTimer = this.#clock.schedule(delayMs, () => void this.refresh());
  }

  #expireIn(delayMs: number): void {
    this.#expiryTimer?.cancel();
    this.#expiresAtMs = this.#clock.monotonic() + delayMs;
    this.#expiryTimer = this.#clock.schedule(delayMs, () => {
      this.#context.zones.withhold(this.origin);
      this.#context.logger.error({ zone: this.origin.toString() }, 'a zone has expired');
    });
  }
}

function timesOf(zone: Zone): ReturnType<typeof soaTimes> {
  return soaTimes(zone.soa.rdatas[0]!);
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
