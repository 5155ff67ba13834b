/**
 * `$INCLUDE` (RFC 1035 §5.1): which files a master file draws in, within limits. A path is relative
 * to the file that names it. Opening a file is the caller's (`ReadInclude`): this layer reads no
 * disk, and without such a function the directive is an error.
 *
 * The path is resolved as text, so that a file that includes itself is recognised by its name; one
 * that does so under ever other names (links) ends at the depth limit.
 */

import { failure, success, type Result } from '../wire/result.ts';
import { unescapeText } from './generate.ts';
import type { AddedSource, Place, ProblemLog } from './problem.ts';

/** The octets of the file `path`, or why not, in words that fit behind a colon. */
export type ReadInclude = (path: string, from: string) => Uint8Array | string;

const includeLimits = {
  /** Files inside one another, as NSD has it. */
  depth: 10,
  /** Of one zone, each inclusion counted: 2 files that include each other's parts are 2^depth. */
  files: 10_000,
  /** Of all files of a zone together: as many as one file may have. */
  octets: 1_073_741_824,
} as const;

export interface IncludeDirective {
  /** As it stands in the file, escapes included. */
  readonly path: string;
  /** Of the path. */
  readonly place: Place;
}

export interface OpenedFile {
  readonly octets: Uint8Array;
  readonly source: AddedSource;
}

export interface Refusal {
  readonly message: string;
  readonly code: string;
}

/** The files that are open, and what has been spent. */
export class Inclusions {
  readonly #log: ProblemLog;
  readonly #read: ReadInclude | undefined;
  /** Paths of the files around, outermost first. */
  readonly #open: string[];
  #files = 0;
  #octets: number;

  constructor(log: ProblemLog, file: string, setting: InclusionSetting) {
    this.#log = log;
    this.#open = [file];
    this.#read = setting.readInclude;
    this.#octets = setting.octets;
  }

  /** Whoever opens a file closes it once it is read. */
  open({ path, place }: IncludeDirective): Result<OpenedFile, Refusal> {
    if (this.#read === undefined) {
      return refuse('include-unavailable', '$INCLUDE is not available here: no file may be read');
    }
    if (this.#files >= includeLimits.files) return TOO_MANY_FILES;
    const from = this.#open.at(-1)!;
    const resolved = resolvePath(unescapeText(path), from);
    const refusal = this.#obstacle(resolved);
    if (refusal !== undefined) return failure(refusal);
    const octets = this.#read(resolved, from);
    if (typeof octets === 'string') {
      return refuse('include-unreadable', `cannot include '${inOctets(resolved)}': ${octets}`);
    }
    this.#octets += octets.length;
    if (this.#octets > includeLimits.octets) {
      const limit = `at most ${includeLimits.octets} octets in all files of a zone`;
      return refuse('include-limit', `expected ${limit}, but this file exceeds them`);
    }
    this.#files++;
    this.#open.push(resolved);
    return success({ octets, source: this.#log.addSource(resolved, octets, place) });
  }

  close(): void {
    this.#open.pop();
  }

  #obstacle(path: string): Refusal | undefined {
    const isLoop = this.#open.some((open) => normalPath(open) === normalPath(path));
    if (isLoop || this.#open.length > includeLimits.depth) {
      const chain = [...this.#open, path].map(inOctets).join(', ');
      return isLoop
        ? { code: 'include-loop', message: `the file would include itself (${chain})` }
        : {
            code: 'include-depth',
            message: `expected at most ${includeLimits.depth} files inside one another (${chain})`,
          };
    }
    return undefined;
  }
}

const TOO_MANY_FILES: Result<never, Refusal> = refuse(
  'include-limit',
  `expected at most ${includeLimits.files} included files in a zone`,
);

export interface InclusionSetting {
  readonly readInclude: ReadInclude | undefined;
  /** Of the file that was given. */
  readonly octets: number;
}

function refuse(code: string, message: string): Result<never, Refusal> {
  return failure({ code, message });
}

/** Messages quote the file, where one character is one octet (`ProblemLog`). */
function inOctets(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1');
}

/** `path` as seen from the folder of the file `from`. */
function resolvePath(path: string, from: string): string {
  if (path.startsWith('/')) return path;
  const folder = from.slice(0, from.lastIndexOf('/') + 1);
  return normalPath(folder + path);
}

/** Without '.', '..' and empty parts, as far as the text alone tells. */
function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !path.startsWith('/')) parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/') || '.';
}
