/** Notices that files changed on disk, whatever way an editor writes them. */

import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import type { Logger } from '../net/logger.ts';
import type { Clock, Timer } from '../net/ports.ts';

export interface WatchContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The files that changed, with normalized paths. */
  onChange(files: ReadonlySet<string>): void;
}

const watchLimits = {
  /** Editors write a file in several steps; only the last one counts. */
  settleMs: 100,
  /** Folders watched: each costs the kernel a watch. */
  folders: 256,
} as const;

/** Watches files until it is closed. Folders are watched, since files are replaced. */
export class FileWatch {
  readonly #context: WatchContext;
  readonly #folders = new Map<string, FolderWatch>();
  /** Folders beyond the limit, which has been said. */
  readonly #refused = new Set<string>();

  constructor(files: Iterable<string>, context: WatchContext) {
    this.#context = context;
    this.update(files);
  }

  /** Watches these files instead; a change of one that stays is not lost. */
  update(files: Iterable<string>): void {
    const wanted = namesByFolder(files);
    for (const [folder, current] of this.#folders) {
      if (wanted.has(folder)) continue;
      current.close();
      this.#folders.delete(folder);
    }
    for (const [folder, names] of wanted) {
      const current = this.#folders.get(folder);
      if (current) current.names = names;
      else if (this.#folders.size < watchLimits.folders) {
        this.#folders.set(folder, new FolderWatch(folder, names, this.#context));
      } else this.#refuse(folder);
    }
  }

  close(): void {
    this.update([]);
  }

  #refuse(folder: string): void {
    if (this.#refused.has(folder)) return;
    this.#refused.add(folder);
    const message = 'too many folders: changes of zone files here are not seen';
    this.#context.logger.warn({ folder }, message);
  }
}

function namesByFolder(files: Iterable<string>): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const file of files) {
    const path = normalize(file);
    const folder = dirname(path);
    const names = folders.get(folder);
    if (names) names.add(basename(path));
    else folders.set(folder, new Set([basename(path)]));
  }
  return folders;
}

class FolderWatch {
  names: ReadonlySet<string>;
  readonly #folder: string;
  readonly #context: WatchContext;
  readonly #watcher: FSWatcher | undefined;
  #changed = new Set<string>();
  #timer: Timer | undefined;

  constructor(folder: string, names: ReadonlySet<string>, context: WatchContext) {
    this.#folder = folder;
    this.names = names;
    this.#context = context;
    this.#watcher = this.#open();
  }

  close(): void {
    this.#timer?.cancel();
    this.#watcher?.close();
  }

  /** The kernel may have no watch left to give: then the server works without. */
  #open(): FSWatcher | undefined {
    const giveUp = (err: unknown): void => {
      const fields = { err, folder: this.#folder };
      this.#context.logger.warn(fields, 'changes of zone files here are not seen');
    };
    try {
      return watch(this.#folder, (_event, name) => this.#notice(name)).on('error', giveUp);
    } catch (error) {
      giveUp(error);
      return undefined;
    }
  }

  #notice(name: string | null): void {
    if (name === null || !this.names.has(name)) return;
    this.#changed.add(name);
    this.#timer?.cancel();
    this.#timer = this.#context.clock.schedule(watchLimits.settleMs, () => this.#report());
  }

  #report(): void {
    const files = new Set([...this.#changed].map((name) => join(this.#folder, name)));
    this.#changed = new Set();
    this.#context.onChange(files);
  }
}
