/** Which files the zones include, so that a change of one of them is a change of the zone. */

import { normalize } from 'node:path';
import type { ZoneSource } from './options.ts';

export class ZoneInclusions {
  /** Only zones that include something: of thousands, most do not. */
  readonly #files = new Map<ZoneSource, ReadonlySet<string>>();
  #revision = 0;

  /** Another number whenever `files` has changed. */
  get revision(): number {
    return this.#revision;
  }

  /** What a version of a zone included, or tried to: a file that is missing may yet come. */
  note(source: ZoneSource, files: ReadonlySet<string>, isLoaded: boolean): void {
    const before = this.#files.get(source) ?? NOTHING;
    // The version before goes on serving: its files count as long as no other is there.
    const after = isLoaded ? files : new Set([...before, ...files]);
    if (after.size === 0 && before.size === 0) return;
    if (after.size === before.size && [...after].every((file) => before.has(file))) return;
    this.#revision++;
    if (after.size === 0) this.#files.delete(source);
    else this.#files.set(source, after);
  }

  /** The zone is served no more. */
  forget(source: ZoneSource): void {
    if (this.#files.delete(source)) this.#revision++;
  }

  /** Whether the zone was read from one of these files, whose paths are normalized. */
  isMadeOf(source: ZoneSource, changed: ReadonlySet<string>): boolean {
    if (changed.has(normalize(source.file))) return true;
    for (const file of this.#files.get(source) ?? NOTHING) if (changed.has(file)) return true;
    return false;
  }

  *files(): Iterable<string> {
    for (const files of this.#files.values()) yield* files;
  }
}

const NOTHING: ReadonlySet<string> = new Set();
