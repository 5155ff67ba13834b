/** Says why a test file cannot run here, so that a skipped test tells its reason in its name. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Requirement = 'root' | 'network namespaces' | `program ${string}`;

/** Daemons live in the sbin folders, which are not on every user's path. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** The first requirement that is not met, as a sentence; undefined when all are. */
export function findObstacle(requirements: readonly Requirement[]): string | undefined {
  return requirements.map(obstacleOf).find((obstacle) => obstacle !== undefined);
}

/** The title of a test group, with the reason appended when it is skipped. */
export function titleOf(title: string, obstacle: string | undefined): string {
  return obstacle === undefined ? title : `${title} (skipped: ${obstacle})`;
}

function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function obstacleOf(requirement: Requirement): string | undefined {
  const isRoot = process.getuid?.() === 0;
  switch (requirement) {
    case 'root':
      return isRoot ? undefined : 'needs root';
    case 'network namespaces':
      return isRoot && canMakeNamespaces() ? undefined : 'needs network namespaces';
    default: {
      const name = requirement.slice('program '.length);
      return findProgram(name) === undefined ? `${name} is not installed` : undefined;
    }
  }
}

function canMakeNamespaces(): boolean {
  const name = `ts-dns-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
  return spawnSync('ip', ['netns', 'del', name]).status === 0;
}
