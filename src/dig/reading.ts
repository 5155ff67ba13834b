/**
 * The state of reading a command line, `~/.digrc` or a batch file: the settings under construction
 * and what there is to say about them. Remarks are kept with their stream, since dig says some of
 * its complaints on standard output.
 */

import { defaultGlobals, defaultSettings, type Globals, type Settings } from './settings.ts';

export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A lookup whose options are still being read. `settle.ts` makes `Settings` of it. */
export interface LookupDraft extends Mutable<Omit<Settings, 'transport'>> {
  way: Way;
}

/** What the transport is made of. */
interface Way {
  /** A connection, with or without TLS and HTTP. */
  usesTcp: boolean;
  /** Whether `+[no]tcp` has been said: then no other option decides it. */
  isTcpNamed: boolean;
  usesTls: boolean;
  usesHttps: boolean;
  isHttpPlain: boolean;
}

export interface Remark {
  readonly to: 'output' | 'errors';
  readonly text: string;
}

/** dig's, which has one for bad values and bugs; 8 is for batch files that cannot be opened. */
export const ExitStatus = {
  reply: 0,
  usage: 1,
  noBatchFile: 8,
  noReply: 9,
  badValue: 10,
  internal: 10,
} as const;

/** Ends the reading. Never leaves `command-line.ts`. */
export class Stop extends Error {
  readonly status: number;
  /** The synopsis is worth showing. */
  readonly isUsage: boolean;

  constructor(status: number, isUsage = false) {
    super(`exit ${status}`);
    this.status = status;
    this.isUsage = isUsage;
  }
}

export class Reading {
  readonly globals: Mutable<Globals> = { ...defaultGlobals };
  /** What lookups begin with. */
  readonly base: LookupDraft;
  /** What options act upon: `base` until there is a name. */
  lookup: LookupDraft;
  remarks: Remark[] = [];
  /** Lines of files: there `+tcp` counts for nothing, as in dig. */
  isFile = false;
  /** Transfers show these only when they were asked for before the first name. */
  transferShows = { question: false, comments: false };
  /** Adds a lookup of dig's own making, which later options act upon. */
  addLookup: (name: string) => void = () => {};

  constructor() {
    this.base = emptyDraft();
    this.lookup = this.base;
  }

  print(text: string): void {
    this.remarks.push({ to: 'output', text });
  }

  printError(text: string): void {
    this.remarks.push({ to: 'errors', text });
  }

  warn(text: string): void {
    this.printError(`;; Warning, ${text}\n`);
  }

  /** A value that cannot be. */
  refuse(text: string, status: number = ExitStatus.usage): never {
    this.printError(`ts-dig: ${text}\n`);
    throw new Stop(status);
  }

  /** An option that cannot be, as it was written. */
  invalidOption(option: string): never {
    this.printError(`Invalid option: ${option}\n`);
    throw new Stop(ExitStatus.usage, true);
  }

  /** Options of dig that this program has no use for. */
  unsupported(option: string): never {
    return this.refuse(`${option} is not supported by this version`);
  }
}

function emptyDraft(): LookupDraft {
  return {
    ...defaultSettings,
    way: {
      usesTcp: false,
      isTcpNamed: false,
      usesTls: false,
      usesHttps: false,
      isHttpPlain: false,
    },
  };
}
