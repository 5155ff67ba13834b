/** What one node of the store keeps: its own version, and those that it keeps for others: hints. */

import type { Context, Disk, NodeId } from '../../process/process.ts';
import { messageFormat } from '../../process/message-format.ts';
import { NotYetWritten } from '../not-yet-written.ts';
import { TwiceWritten } from '../twice-written.ts';
import type { QuorumMutant } from './quorum-options.ts';
import { isNewer, isVersion, NO_VERSION, newerOf, type Version, valueOf } from './version.ts';

const format = messageFormat({ kept: { version: 'list', hints: 'list' } });
const KEY = 'kept';
/** Of a hint: for whom, and the four numbers of a version. */
const HINT_WIDTH = 5;
/** What the trace is told, with the value. */
export const HOLDS = 'holds';

export class Vault {
  readonly #context: Context;
  readonly #disk: Disk;
  readonly #unflushed: NotYetWritten | undefined;
  readonly #mutant: QuorumMutant | undefined;
  #version: Version = NO_VERSION;
  readonly #hints = new Map<NodeId, Version>();

  constructor(context: Context, mutant?: QuorumMutant) {
    const safe = new TwiceWritten(context.disk);
    this.#context = context;
    this.#mutant = mutant;
    this.#unflushed = mutant === 'ack-before-persist' ? new NotYetWritten(safe) : undefined;
    this.#disk = this.#unflushed ?? safe;
    this.#restore();
  }

  get version(): Version {
    return this.#version;
  }

  get hints(): ReadonlyMap<NodeId, Version> {
    return this.#hints;
  }

  /** Says what it holds, for the trace. */
  tell(): void {
    this.#context.note(HOLDS, valueOf(this.#version));
  }

  /** On disk when it returns. */
  keep(version: Version): void {
    if (!isNewer(version, this.#version) && this.#mutant !== 'last-arrival') return;
    this.#version = version;
    this.#persist();
    this.tell();
  }

  keepFor(home: NodeId, version: Version): void {
    this.#hints.set(home, newerOf(this.#hints.get(home) ?? NO_VERSION, version));
    this.#persist();
  }

  /** The home has this version, or a newer one. */
  handedOver(home: NodeId, version: Version): void {
    const hint = this.#hints.get(home);
    if (hint === undefined || isNewer(hint, version)) return;
    this.#hints.delete(home);
    this.#persist();
  }

  /** Called now and then. */
  tick(): void {
    this.#unflushed?.tick();
  }

  #persist(): void {
    const hints = [...this.#hints].flatMap(([home, version]) => [home, ...version]);
    this.#disk.write(KEY, format.write({ kind: 'kept', version: this.#version, hints }));
  }

  #restore(): void {
    const bytes = this.#disk.read(KEY);
    const kept = bytes && format.read(bytes);
    if (kept === undefined || !isVersion(kept.version)) return;
    this.#version = kept.version;
    for (let place = 0; place + HINT_WIDTH <= kept.hints.length; place += HINT_WIDTH) {
      const [home = 0, ...version] = kept.hints.slice(place, place + HINT_WIDTH);
      this.#hints.set(home, version);
    }
  }
}
