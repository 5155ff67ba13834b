/**
 * The one who changes a zone of ours: updates (RFC 2136) and new versions of its master file, one
 * after the other. What waits while the disk is busy is written together, so that many clients
 * share one flush; each is told only when its change is on disk.
 *
 *     update, reload ─► queue ─► on the version so far ─► journal, flushed ─► published ─► replies
 */

import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import { Rcode } from '../wire/iana.ts';
import { compareZones } from '../zone/compare-zones.ts';
import { isNewer, type ZoneDifference } from '../zone/difference.ts';
import { editZone } from '../zone/edit-zone.ts';
import { updateZone, type ZoneUpdate } from '../zone/update-zone.ts';
import type { Zone } from '../zone/zone.ts';
import { done, notNow, type Outcome } from './outcome.ts';
import type { Entry } from './journal-format.ts';
import type { ZoneJournal } from './zone-journal.ts';

const writerLimits = {
  /** Updates that wait for their turn; BIND's `update-quota`. */
  waiting: 100,
  /** Records by which two versions may differ before secondaries take the whole zone. */
  differentRecords: 100_000,
} as const;

export interface WriterContext {
  readonly journal: ZoneJournal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is served from now on. */
  readonly publish: (zone: Zone) => void;
}

/** One change that is asked for; `decide` says what it comes to on the version so far. */
interface Job {
  readonly decide: (zone: Zone) => Decision | Promise<Decision>;
  readonly settle: (outcome: Outcome) => void;
}

interface Decision {
  readonly outcome: Outcome;
  readonly change?: Change;
}

interface Change {
  readonly zone: Zone;
  /** Undefined: a version that nothing is known to lead to. */
  readonly difference: ZoneDifference | undefined;
  readonly entries?: readonly Entry[];
}

export class ZoneWriter {
  readonly #context: WriterContext;
  readonly #queue: Job[] = [];
  /** The last version that is on disk, or the one that was loaded. */
  #zone: Zone;
  #work: Promise<void> | undefined;

  constructor(zone: Zone, context: WriterContext) {
    this.#zone = zone;
    this.#context = context;
  }

  get zone(): Zone {
    return this.#zone;
  }

  update(update: ZoneUpdate): Promise<Outcome> {
    if (this.#queue.length >= writerLimits.waiting) {
      return Promise.resolve(notNow('too many updates are waiting: try again later'));
    }
    return this.#enqueue((zone) => this.#decideUpdate(zone, update));
  }

  /** A version out of the master file; `mark` tells it from others. Takes it, or logs why not. */
  reload(zone: Zone, mark: string): Promise<Outcome> {
    return this.#enqueue((current) => this.#decideReload(current, zone, mark));
  }

  /** Resolves when all is settled that was asked for before. */
  async settled(): Promise<void> {
    await this.#work;
  }

  #enqueue(decide: Job['decide']): Promise<Outcome> {
    return new Promise((settle) => {
      this.#queue.push({ decide, settle });
      this.#work ??= this.#run().finally(() => (this.#work = undefined));
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) await this.#runBatch(this.#queue.splice(0));
  }

  async #runBatch(jobs: readonly Job[]): Promise<void> {
    const outcomes: Outcome[] = [];
    const changes: Change[] = [];
    for (const { decide } of jobs) {
      const zone = changes.at(-1)?.zone ?? this.#zone;
      const { outcome, change } = await this.#decided(decide, zone);
      outcomes.push(outcome);
      if (change) changes.push(change);
    }
    const isKept = await this.#keep(changes);
    // Whatever was decided on a version that was not kept was decided on nothing.
    const isLost = !isKept && changes.length > 0;
    for (const [i, { settle }] of jobs.entries()) settle(isLost ? notKept : outcomes[i]!);
  }

  async #decided(decide: Job['decide'], zone: Zone): Promise<Decision> {
    try {
      return await decide(zone);
    } catch (err) {
      this.#context.logger.error({ err, zone: zone.origin.toString() }, 'a change has failed');
      return { outcome: notNow('the change has failed') };
    }
  }

  async #keep(changes: readonly Change[]): Promise<boolean> {
    const last = changes.at(-1);
    if (!last) return true;
    const { journal, logger, publish } = this.#context;
    const entries = changes.flatMap((change) => change.entries ?? []);
    const differences = changes.flatMap(({ difference }) => difference ?? []);
    try {
      const isChain = differences.length === changes.length && journal.zone !== undefined;
      if (isChain) await journal.append(last.zone, differences, entries);
      else await journal.replace(last.zone, entries);
    } catch (err) {
      logger.error({ err, zone: last.zone.origin.toString() }, 'a change could not be kept');
      return false;
    }
    this.#zone = last.zone;
    publish(last.zone);
    return true;
  }

  #decideUpdate(zone: Zone, update: ZoneUpdate): Decision {
    const result = updateZone(zone, update);
    if (result.kind === 'refused') return { outcome: { rcode: result.rcode } };
    const { difference } = result;
    if (!difference) return { outcome: done };
    const edited = editZone(zone, difference);
    if (!edited.ok) throw new Error(edited.error);
    return { outcome: done, change: { zone: edited.value, difference } };
  }

  async #decideReload(current: Zone, zone: Zone, mark: string): Promise<Decision> {
    const { clock, logger } = this.#context;
    const pause = (): Promise<void> =>
      new Promise((resolve) => void clock.schedule(0, () => resolve()));
    const mostRecords = writerLimits.differentRecords;
    const difference = await compareZones(current, zone, { mostRecords, pause });
    const isSame = difference && difference.deleted.length + difference.added.length === 0;
    const fields = { zone: zone.origin.toString(), serial: zone.serial };
    const entries = [{ kind: 'source', mark }] as const;
    if (isNewer(zone.serial, current.serial)) {
      logger.info({ ...fields, previousSerial: current.serial }, 'zone reloaded');
      return { outcome: done, change: { zone, difference, entries } };
    }
    if (isSame !== true || zone.serial !== current.serial) {
      const served = { ...fields, servedSerial: current.serial };
      const advice = 'raise its serial above the one that is served';
      logger.warn(served, `the master file has changed, but is not taken: ${advice}`);
    }
    return { outcome: { rcode: Rcode.REFUSED } };
  }
}

const notKept = notNow('the change could not be kept on disk');
