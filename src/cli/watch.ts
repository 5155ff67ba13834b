/** Notices that files changed on disk, whatever way an editor writes them. */

import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Logger } from '../net/logger.ts';
import type { Clock, Timer } from '../net/ports.ts';

export interface WatchContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The files that changed, as they were given. */
  onChange(files: ReadonlySet<string>): void;
}

export const watchLimits = {
  /** Editors write a file in several steps; only the last one counts. */
  settleMs: 100,
  /** Folders watched: each costs the kernel a watch. */
  folders: 256,
} as const;

/** Watches until the returned function is called. Folders are watched, since files are replaced. */
export function watchFiles(files: readonly string[], context: WatchContext): () => void {
  const folders = new Map<string, Set<string>>();
  for (const file of files) {
    const folder = dirname(file);
    folders.set(folder, (folders.get(folder) ?? new Set()).add(basename(file)));
  }
  const stops: (() => void)[] = [];
  for (const [folder, names] of folders) {
    if (stops.length === watchLimits.folders) {
      context.logger.warn({ folder }, 'too many folders: changes of zone files here are not seen');
      continue;
    }
    stops.push(watchFolder(folder, names, context));
  }
  return () => {
    for (const stop of stops) stop();
  };
}

function watchFolder(
  folder: string,
  names: ReadonlySet<string>,
  context: WatchContext,
): () => void {
  const changed = new Set<string>();
  let timer: Timer | undefined;
  const report = (): void => {
    const files = new Set([...changed].map((name) => join(folder, name)));
    changed.clear();
    context.onChange(files);
  };
  const giveUp = (err: unknown): void =>
    context.logger.warn({ err, folder }, 'changes of zone files here are not seen');
  const watcher = openWatcher(
    folder,
    (name) => {
      if (name === null || !names.has(name)) return;
      changed.add(name);
      timer?.cancel();
      timer = context.clock.schedule(watchLimits.settleMs, report);
    },
    giveUp,
  );
  return () => {
    timer?.cancel();
    watcher?.close();
  };
}

/** The kernel may have no watch left to give: then the server works without. */
function openWatcher(
  folder: string,
  onName: (name: string | null) => void,
  giveUp: (error: unknown) => void,
): FSWatcher | undefined {
  try {
    return watch(folder, (_event, name) => onName(name)).on('error', giveUp);
  } catch (error) {
    giveUp(error);
    return undefined;
  }
}
