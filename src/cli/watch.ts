/**
 * Notices that files changed on disk, whatever way an editor or a deployment writes them. Folders
 * are watched, since files are replaced; the folders above them as well, since folders are replaced
 * or are links that then lead elsewhere:
 *
 *     /zones/a.zone ──link──▶ /zones/..data/a.zone      ..data ──link──▶ ..2026_1
 *     watched: /zones, /zones/..data (whatever that is now), /
 *
 * A link within a path is followed by the kernel; only one that is a file itself is followed here.
 */

import { lstatSync, readlinkSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import { SettlingFiles } from './settling.ts';

export interface WatchContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What to watch. */
  files(): Iterable<string>;
  /** Those of the first `files` that were found to be no links just now, by their paths. */
  readonly regular?: ReadonlySet<string>;
  /** The files that changed, with normalized paths. */
  onChange(files: ReadonlySet<string>): void;
}

const watchLimits = {
  /** Folders watched: each costs the kernel a watch. */
  folders: 256,
  /** Links that lead to one another; as many as Linux follows. */
  links: 40,
} as const;

/** What there is to watch. */
interface Plan {
  /** By folder, the names of the files there; none in a folder that only holds folders. */
  readonly folders: Map<string, Set<string>>;
  /** For the target of a link, the files that are made of it. */
  readonly users: Map<string, Set<string>>;
  /** For what is a link, what it leads to, step by step. */
  readonly trails: Map<string, readonly string[]>;
}

/** Watches files until it is closed. */
export class FileWatch {
  readonly #context: WatchContext;
  readonly #settling: SettlingFiles;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Folders that cannot be watched, which has been said. */
  readonly #refused = new Set<string>();
  #plan: Plan = emptyPlan();
  #isClosed = false;

  constructor(context: WatchContext) {
    this.#context = context;
    this.#settling = new SettlingFiles(context.clock, (files) => this.#report(files));
    this.#follow(planFor(context.files(), context.regular));
  }

  /** Watches what `files` tells now; a change of a file that stays is not lost. */
  update(): void {
    // A reload under way ends after the watch: a folder opened then would keep the process alive.
    if (this.#isClosed) return;
    this.#follow(planFor(this.#context.files()));
  }

  #follow(plan: Plan): void {
    this.#plan = plan;
    for (const folder of this.#watchers.keys()) {
      if (!this.#plan.folders.has(folder)) this.#closeFolder(folder);
    }
    for (const folder of this.#plan.folders.keys()) {
      if (!this.#watchers.has(folder)) this.#openFolder(folder);
    }
  }

  /** Watches everything anew, also what could not be watched before. */
  reopen(): void {
    for (const folder of this.#watchers.keys()) this.#closeFolder(folder);
    this.#refused.clear();
    this.update();
  }

  close(): void {
    this.#isClosed = true;
    for (const folder of this.#watchers.keys()) this.#closeFolder(folder);
    this.#settling.close();
  }

  /** The kernel may have no watch left to give: then the server works without. */
  #openFolder(folder: string): void {
    if (this.#watchers.size >= watchLimits.folders) {
      this.#refuse(folder, new Error(`more than ${watchLimits.folders} folders`));
      return;
    }
    try {
      const watcher = watch(folder, (event, name) => this.#notice(folder, name, event));
      watcher.on('error', (error) => {
        if (this.#watchers.get(folder) !== watcher) return;
        this.#closeFolder(folder);
        this.#refuse(folder, error);
      });
      this.#watchers.set(folder, watcher);
      this.#refused.delete(folder);
    } catch (error) {
      this.#refuse(folder, error);
    }
  }

  #closeFolder(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  /** Not said of folders above: they may well be closed to this user. */
  #refuse(folder: string, err: unknown): void {
    const isNews = !this.#refused.has(folder) && this.#plan.folders.get(folder)?.size !== 0;
    if (!isNews) return;
    this.#refused.add(folder);
    this.#context.logger.warn({ err, folder }, 'changes of zone files here are not seen');
  }

  #notice(folder: string, name: string | null, event: string): void {
    if (name === null) return;
    const path = join(folder, name);
    if (this.#plan.folders.get(folder)?.has(name) === true) this.#noteFile(path);
    // Whatever is above a folder of the plan is in the plan.
    if (event !== 'rename' || !this.#plan.folders.has(path)) return;
    for (const below of this.#plan.folders.keys()) {
      if (below === path || below.startsWith(path + sep)) this.#noticeFolder(below);
    }
  }

  /** Another folder may be at this path: what is watched is the one before. */
  #noticeFolder(folder: string): void {
    this.#closeFolder(folder);
    this.#openFolder(folder);
    for (const name of this.#plan.folders.get(folder) ?? []) this.#noteFile(join(folder, name));
  }

  #noteFile(path: string): void {
    this.#settling.note(path);
    for (const user of this.#plan.users.get(path) ?? []) this.#settling.note(user);
  }

  #report(files: ReadonlySet<string>): void {
    const { trails } = this.#plan;
    const isStale = [...files].some((file) => textOf(trailOf(file)) !== textOf(trails.get(file)));
    if (isStale) this.update();
    this.#context.onChange(files);
  }
}

function emptyPlan(): Plan {
  return { folders: new Map(), users: new Map(), trails: new Map() };
}

/** Whether `regular` are links is not asked. */
function planFor(files: Iterable<string>, regular?: ReadonlySet<string>): Plan {
  const plan = emptyPlan();
  for (const file of files) {
    const path = normalize(file);
    addFile(plan.folders, path);
    if (regular?.has(file) === true) continue;
    const trail = trailOf(path);
    if (trail.length > 0) plan.trails.set(path, trail);
    for (const [i, target] of trail.entries()) {
      plan.trails.set(target, trail.slice(i + 1));
      addFile(plan.folders, target);
      const users = plan.users.get(target);
      if (users) users.add(path);
      else plan.users.set(target, new Set([path]));
    }
  }
  // After all folders with files, which go first when there are too many.
  for (const folder of [...plan.folders.keys()]) {
    for (let above = dirname(folder); !plan.folders.has(above); above = dirname(above)) {
      plan.folders.set(above, new Set());
    }
  }
  return plan;
}

function addFile(folders: Plan['folders'], path: string): void {
  const folder = dirname(path);
  const names = folders.get(folder);
  if (names) names.add(basename(path));
  else folders.set(folder, new Set([basename(path)]));
}

/** What a link leads to, and that, if it is a link, to; empty for what is none. */
function trailOf(file: string): readonly string[] {
  const trail: string[] = [];
  for (let path = file; trail.length < watchLimits.links;) {
    const target = linkTarget(path);
    if (target === undefined) break;
    path = isAbsolute(target) ? normalize(target) : join(dirname(path), target);
    trail.push(path);
  }
  return trail;
}

function textOf(trail: readonly string[] = []): string {
  return trail.join('\0');
}

/** Undefined also when nothing is there: it may come. */
function linkTarget(path: string): string | undefined {
  try {
    // Most files are no links, and an exception for each would take longer.
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
