/**
 * Looks after the zones that change while the server runs: there is one in a server, whatever the
 * number of its workers. What it changes it puts into the `ZoneSet`, whole.
 *
 *     UPDATE ──┬─► of a zone that comes from elsewhere: passed on to its primary
 *     reload ──┴─► ZoneWriter, one a zone ─┐
 *     NOTIFY ────► Secondary, one a zone ──┴─► journal ─► ZoneSet ─► answers, IXFR, NOTIFY
 */

import type { Logger } from '../net/logger.ts';
import type { Runtime } from '../net/ports.ts';
import type { Storage } from '../net/storage.ts';
import { decodeMessage } from '../wire/decode.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import type { Zone } from '../zone/zone.ts';
import { Notifier, type NotifierContext } from './notifier.ts';
import { done, notOurs, refusal, type Outcome } from './outcome.ts';
import { permits, type Asker, type PolicyTable } from './policy.ts';
import { Secondary, type SecondaryLimits } from './secondary.ts';
import { markOf } from './source-mark.ts';
import type { Primary } from './transfer-in.ts';
import type { Differences } from './transfer-out.ts';
import { keyOf, type Operation, type Upkeep } from './upkeep.ts';
import { UpdateForwarder } from './update-forwarder.ts';
import { ZoneJournal } from './zone-journal.ts';
import type { ZoneSet } from './zone-set.ts';
import { ZoneWriter } from './zone-writer.ts';

const keeperLimits = {
  /**
   * Between two checks of any zones that NOTIFY brings about: whoever forges the address of a
   * primary, or has many zones, makes us ask no more than fifty times a second.
   */
  notifiedGapMs: 20,
} as const;

/** A zone out of a master file of ours whose changes are kept. */
export interface JournaledZone {
  readonly origin: DnsName;
  /** The file that they are kept in. */
  readonly journal: string;
}

/** A zone that comes from elsewhere. */
export interface SecondaryZone {
  readonly origin: DnsName;
  readonly primaries: readonly Primary[];
  /** Where it is kept. */
  readonly file: string;
}

export interface KeeperOptions {
  readonly runtime: Runtime;
  readonly storage: Storage;
  readonly logger: Logger;
  /** Holds the zones out of master files; what was changed since is put into it. */
  readonly zones: ZoneSet;
  readonly policies: Pick<PolicyTable, 'for'>;
  readonly journaled?: readonly JournaledZone[];
  readonly secondaries?: readonly SecondaryZone[];
  /** Of secondaries, where they are not to be the default. */
  readonly limits?: Partial<SecondaryLimits> | undefined;
  /** Who is told of new versions of which zone. Absent: nobody. */
  readonly targetsOf?: NotifierContext['targetsOf'];
}

export class Keeper implements Upkeep {
  readonly opcodes: ReadonlySet<number>;
  readonly #options: KeeperOptions;
  readonly #writers = new Map<string, ZoneWriter>();
  readonly #journals = new Map<string, ZoneJournal>();
  readonly #secondaries = new Map<string, Secondary>();
  /** What each of them was made of. */
  readonly #taken = new Map<string, SecondaryZone>();
  #replacing: Promise<void> = Promise.resolve();
  readonly #notifier: Notifier;
  readonly #forwarder: UpdateForwarder;
  /** When the next check may begin that somebody has asked for. */
  #nextNotifiedMs = 0;

  private constructor(options: KeeperOptions) {
    this.#options = options;
    const { journaled = [], secondaries = [], targetsOf = () => undefined } = options;
    this.opcodes = new Set([
      ...(journaled.length + secondaries.length > 0 ? [Opcode.UPDATE] : []),
      ...(secondaries.length > 0 ? [Opcode.NOTIFY] : []),
    ]);
    this.#notifier = new Notifier({ ...options, targetsOf });
    this.#forwarder = new UpdateForwarder(options);
  }

  /** Rejects with `StorageError` when a journal cannot be read or begun. */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const keeper = new Keeper(options);
    for (const zone of options.journaled ?? []) await keeper.#openJournaled(zone);
    for (const zone of options.secondaries ?? []) await keeper.#openSecondary(zone);
    options.zones.observe({
      put(zone, before) {
        if (zone.serial !== before?.serial) keeper.#notifier.tell(zone);
      },
    });
    return keeper;
  }

  /** True: the zone is one of those kept here, and will be taken, or not, as `ZoneWriter` says. */
  reload(zone: Zone): boolean {
    const writer = this.#writers.get(zone.origin.key);
    if (!writer) return false;
    void writer.reload(zone, markOf(zone));
    return true;
  }

  since(zone: Pick<Zone, 'origin' | 'serial'>, serial: number): Differences {
    return this.#journals.get(zone.origin.key)?.since(serial, zone.serial);
  }

  async operate(operation: Operation): Promise<Outcome> {
    const decoded = decodeMessage(operation.octets);
    if (!decoded.ok) return { rcode: Rcode.FORMERR };
    const message = decoded.value;
    const asker = { address: operation.address, key: keyOf(operation) };
    return message.opcode === Opcode.NOTIFY
      ? this.#notified(message, asker)
      : this.#update(message, asker);
  }

  /** Of a zone that comes from elsewhere. */
  secondary(origin: DnsName): Secondary | undefined {
    return this.#secondaries.get(origin.key);
  }

  /**
   * From now on these zones come from elsewhere: new ones are begun, those that are gone dropped,
   * though not from disk, and those whose primaries are others looked after anew. Does not reject.
   */
  replaceSecondaries(zones: readonly SecondaryZone[]): Promise<void> {
    this.#replacing = this.#replacing.then(() => this.#replaceAll(zones));
    return this.#replacing;
  }

  /** Tells of all zones what was missed while nobody told it: once the server listens. */
  announce(): void {
    for (const zone of this.#options.zones) this.#notifier.tell(zone);
  }

  /** Tells who is to be told of a zone; how many they are. */
  notify(zone: Zone): number {
    return this.#notifier.tell(zone);
  }

  /** Waits until what is under way is on disk. */
  async close(): Promise<void> {
    this.#notifier.close();
    this.#forwarder.close();
    await this.#replacing;
    for (const writer of this.#writers.values()) await writer.settled();
    for (const secondary of this.#secondaries.values()) await secondary.close();
  }

  /** RFC 1996 §3.10, §4.7: heard from a primary, or who may speak for it, else from nobody. */
  #notified({ questions }: Message, asker: Asker): Outcome {
    const question = questions[0];
    if (question?.type !== RRType.SOA) return { rcode: Rcode.FORMERR };
    const { policies, zones, logger } = this.#options;
    const secondary = this.#secondaries.get(question.name.key);
    const isOurs = secondary !== undefined || zones.get(question.name) !== undefined;
    if (!isOurs) return notOurs;
    const { notify } = policies.for(question.name);
    const isPrimary = secondary?.primaries.some(({ server }) => server.address === asker.address);
    if (!secondary || (isPrimary !== true && !permits(notify, asker))) {
      logger.info({ zone: question.name.toString(), client: asker.address }, 'notify refused');
      return refusal('nobody else may say that this zone has changed');
    }
    secondary.notified();
    return done;
  }

  async #replaceAll(wanted: readonly SecondaryZone[]): Promise<void> {
    const { zones, logger } = this.#options;
    const left = new Map(wanted.map((one) => [one.origin.key, one]));
    const before = new Map(this.#taken);
    for (const [key, one] of before) {
      const now = left.get(key);
      if (now && isSame(now, one)) {
        left.delete(key);
        continue;
      }
      await this.#secondaries.get(key)?.close();
      for (const map of [this.#secondaries, this.#journals, this.#taken]) map.delete(key);
      if (now) continue;
      zones.delete(one.origin);
      logger.info(fieldsOf(one), 'zone dropped');
    }
    for (const one of left.values()) {
      // Whoever reads that file has yet to drop the zone, and would drop the new one.
      const isOfFile = !before.has(one.origin.key) && zones.get(one.origin) !== undefined;
      if (isOfFile)
        logger.error(fieldsOf(one), 'a zone with a file of its own stays until a restart');
      else await this.#beginSecondary(one);
    }
  }

  async #beginSecondary(one: SecondaryZone): Promise<void> {
    try {
      await this.#openSecondary(one);
    } catch (err) {
      const { logger } = this.#options;
      logger.error({ ...fieldsOf(one), err }, 'a zone from elsewhere could not be begun');
    }
  }

  async #openSecondary(taken: SecondaryZone): Promise<void> {
    const { origin, primaries, file } = taken;
    const { storage, logger, zones, runtime, limits } = this.#options;
    const journal = await ZoneJournal.open({ storage, file, origin, logger });
    const pace = (dueMs: number): number => this.#paced(dueMs);
    const context = { origin, primaries, journal, zones, runtime, logger, limits, pace };
    const secondary = new Secondary(context);
    this.#secondaries.set(origin.key, secondary);
    this.#taken.set(origin.key, taken);
    this.#journals.set(origin.key, journal);
    secondary.start();
  }

  #paced(dueMs: number): number {
    const atMs = Math.max(dueMs, this.#nextNotifiedMs);
    this.#nextNotifiedMs = atMs + keeperLimits.notifiedGapMs;
    return atMs;
  }

  /** RFC 2136 §3.1: the zone section first. */
  async #update(message: Message, asker: Asker): Promise<Outcome> {
    const question = message.questions[0];
    if (question?.type !== RRType.SOA || question.class !== DnsClass.IN) {
      return { rcode: Rcode.FORMERR };
    }
    const { zones, policies, logger } = this.#options;
    const { name } = question;
    const secondary = this.#secondaries.get(name.key);
    if (!zones.get(name) && !secondary) return notOurs;
    const fields = { zone: name.toString(), client: asker.address, key: asker.key?.toString() };
    const writer = this.#writers.get(name.key);
    // Before the prerequisites: strangers must not find out by them what is there.
    const isPermitted = permits(policies.for(name).update, asker);
    if (isPermitted && secondary)
      return this.#forwarder.forward(message, secondary.primariesInTurn);
    if (!writer || !isPermitted) {
      logger.info(fields, 'update refused');
      return refusal('updates of this zone are not taken from this address or key');
    }
    const outcome = await writer.update({
      prerequisites: message.answers,
      updates: message.authorities,
    });
    const { rcode } = outcome;
    logger.info({ ...fields, rcode, serial: writer.zone.serial }, 'update');
    return outcome;
  }

  async #openJournaled({ origin, journal: file }: JournaledZone): Promise<void> {
    const { storage, logger, zones, runtime } = this.#options;
    const loaded = zones.get(origin);
    if (!loaded) return;
    const journal = await ZoneJournal.open({ storage, file, origin, logger });
    const mark = markOf(loaded);
    if (!journal.zone) await journal.replace(loaded, [{ kind: 'source', mark }]);
    const zone = journal.zone ?? loaded;
    zones.put(zone);
    const publish = (version: Zone): void => zones.put(version);
    const writer = new ZoneWriter(zone, { journal, clock: runtime.clock, logger, publish });
    this.#writers.set(origin.key, writer);
    this.#journals.set(origin.key, journal);
    if (journal.source !== mark) await writer.reload(loaded, mark);
  }
}

function fieldsOf({ origin }: SecondaryZone): { readonly zone: string } {
  return { zone: origin.toString() };
}

function isSame(one: SecondaryZone, other: SecondaryZone): boolean {
  return textOf(one) === textOf(other);
}

function textOf({ file, primaries }: SecondaryZone): string {
  const servers = primaries.map(({ server, key }) => [
    ...[server.address, server.port, key?.name.key, key?.algorithm.name],
    ...(key ? [...key.secret] : []),
  ]);
  return JSON.stringify([file, servers]);
}
