/**
 * dig's command line, which no general parser reads: names, types, classes, `@server`, `-x` and
 * `+option` in any order. What comes before the first name is the default of all lookups; what
 * comes after a name belongs to that name. `~/.digrc` and the lines of a batch file are read in the
 * same way.
 */

import type { Family } from '../net/address.ts';
import { parseType, RRType } from '../wire/iana.ts';
import { ALL_LETTERS, SWITCHES } from './dash-options.ts';
import {
  applyDashOption,
  classOf,
  isIxfrSerial,
  setClass,
  setType,
  type DashContext,
} from './dash-values.ts';
import { applyPlusOption } from './plus-option.ts';
import { PLUS_OPTIONS } from './plus-options.ts';
import { Reading, Stop, type LookupDraft, type Remark } from './reading.ts';
import type { SystemConfiguration } from './resolv-conf.ts';
import { defaultGlobals, type Globals, type Lookup, type Settings } from './settings.ts';
import { settle } from './settle.ts';
import { usageHint } from './usage.ts';

/** What was read of the command line or of one line of a batch file. */
export interface Read {
  /** What there is to say, first of all and in this order. */
  readonly remarks: readonly Remark[];
  /** The run is over. */
  readonly ending: 'help' | 'version' | { readonly status: number } | undefined;
  readonly lookups: readonly Lookup[];
}

export interface CommandLineContext {
  readonly system: SystemConfiguration;
  /** The text of `~/.digrc`; called once, unless `-r` forbids it. */
  readDigrc(): string | undefined;
  /** Whether names in Unicode may be read and shown: on a terminal, unless IDN_DISABLE is set. */
  readonly allowsIdn: boolean;
}

/** A command line of more words is not one that somebody typed. */
const MAX_ARGUMENTS = 10_000;
/** Each is waited for in turn when the others are silent. */
const MAX_SERVERS = 64;
/** Words of a line that dig reads, of a batch file and of `~/.digrc`. */
const MAX_BATCH_WORDS = 13;
const MAX_DIGRC_WORDS = 61;

interface NamedDraft {
  readonly name: string;
  readonly draft: LookupDraft;
  readonly greeting: Lookup['greeting'];
}

export class CommandLine {
  readonly #argv: readonly string[];
  readonly #context: CommandLineContext;
  readonly #reading = new Reading();
  #globals: Globals = defaultGlobals;
  #lookups: NamedDraft[] = [];
  #batchFile: string | undefined;
  /** Lookups take the base's settings, but for the first one of a batch line. */
  #needsClone = true;
  /** '-t' and '-c' say which is which, so that bare words are names from there on. */
  #wordsMayBeTypes = true;
  /** What is being read, for the banner. */
  #words: readonly string[];
  #isGreeted = false;
  #hasGreeted = false;
  #lastServer: string | undefined;
  #asked: 'help' | 'version' | undefined;

  constructor(argv: readonly string[], context: CommandLineContext) {
    this.#argv = argv;
    this.#words = argv;
    this.#context = context;
    const { base, globals } = this.#reading;
    const { attempts, timeoutSeconds, ndots } = context.system;
    base.tries = attempts;
    base.idnIn = context.allowsIdn;
    base.idnOut = context.allowsIdn;
    globals.ndots = ndots;
    if (timeoutSeconds !== undefined) globals.timeoutMs = timeoutSeconds * 1000;
    this.#reading.addLookup = (name) => this.#add(name, false);
  }

  /** Of the command line and, unless it names lookups too, of nothing but the root. */
  read(): Read {
    return this.#attempt(() => {
      const { isDigrcRead } = this.#checkDashes();
      if (isDigrcRead) this.#readDigrc();
      this.#arguments(this.#argv, false);
      if (this.#lookups.length === 0 && this.#batchFile === undefined) this.#addRoot();
    });
  }

  /** Lookups of one line of a batch file: none when the line is to be skipped. */
  readBatchLine(line: string): Read {
    return this.#attempt(() => {
      this.#beginFile();
      this.#reading.lookup = this.#clone();
      this.#needsClone = false;
      this.#words = wordsOf(line, MAX_BATCH_WORDS);
      this.#arguments(this.#words, false);
      if (this.#lookups.length === 0) this.#addRoot();
    });
  }

  /** As they are now, and the same object for as long as no line of a batch file changes them. */
  get globals(): Globals {
    const { globals } = this.#reading;
    const keys = Object.keys(globals) as (keyof Globals)[];
    if (keys.some((key) => globals[key] !== this.#globals[key])) this.#globals = { ...globals };
    return this.#globals;
  }

  /** What lookups begin with. */
  get defaults(): Settings {
    return settle(this.#clone());
  }

  get batchFile(): string | undefined {
    return this.#batchFile;
  }

  #attempt(read: () => void): Read {
    let ending: Read['ending'];
    this.#reading.remarks = [];
    this.#lookups = [];
    this.#isGreeted = false;
    this.#wordsMayBeTypes = true;
    try {
      read();
      ending = this.#asked;
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      if (error.isUsage) this.#reading.printError(usageHint());
      ending = { status: error.status };
    }
    const lookups = this.#lookups.map(({ name, draft, greeting }) => ({
      name,
      settings: settle(draft),
      greeting,
    }));
    return { remarks: this.#reading.remarks, ending, lookups };
  }

  /** What dig must know before it begins: wrong letters, missing values, families, `-r`. */
  #checkDashes(): { readonly isDigrcRead: boolean } {
    const reading = this.#reading;
    const argv = this.#argv;
    if (argv.length > MAX_ARGUMENTS) reading.refuse(`more than ${MAX_ARGUMENTS} arguments`);
    const switches = new Set<string>();
    for (let at = 0; at < argv.length; at++) {
      if (!argv[at]!.startsWith('-')) continue;
      let rest = argv[at]!.slice(1);
      while (rest !== '' && SWITCHES.includes(rest[0]!)) {
        switches.add(rest[0]!);
        if (switches.has('4') && switches.has('6')) reading.refuse('only one of -4 and -6 allowed');
        rest = rest.slice(1);
      }
      if (rest === '') {
        if (argv[at] === '-') reading.invalidOption('-');
        continue;
      }
      if (!ALL_LETTERS.includes(rest[0]!)) reading.invalidOption(`-${rest}`);
      if (rest.length === 1 && ++at === argv.length) reading.invalidOption(`-${rest}`);
    }
    // From here on, so that nothing in ~/.digrc says otherwise.
    for (const letter of '46') if (switches.has(letter)) this.#switch(letter);
    return { isDigrcRead: !switches.has('r') };
  }

  #readDigrc(): void {
    const text = this.#context.readDigrc();
    if (text === undefined) return;
    this.#beginFile();
    for (const line of text.split('\n')) {
      this.#arguments(wordsOf(line, MAX_DIGRC_WORDS), true);
      this.#wordsMayBeTypes = true;
    }
    this.#reading.isFile = false;
  }

  #beginFile(): void {
    this.#reading.isFile = true;
  }

  /** `isDefaults`: the words of `~/.digrc`, where there are no names. */
  #arguments(words: readonly string[], isDefaults: boolean): void {
    const reading = this.#reading;
    for (let at = 0; at < words.length && this.#asked === undefined; at++) {
      const word = words[at]!;
      if (word.startsWith('%')) return;
      if (word.startsWith('@')) this.#server(word.slice(1));
      else if (word.startsWith('+')) applyPlusOption(reading, PLUS_OPTIONS, word.slice(1));
      else if (word.startsWith('-')) {
        if (this.#dashOptions(word.slice(1), words[at + 1], isDefaults)) at++;
      } else if (!this.#isTypeOrClass(word) && !isDefaults) this.#add(word, true);
    }
  }

  #server(server: string): void {
    const { lookup } = this.#reading;
    if (lookup.servers.length === MAX_SERVERS) {
      this.#reading.refuse(`more than ${MAX_SERVERS} servers`);
    }
    // As dig: more servers are more to fall back on.
    lookup.servers = [...lookup.servers, server];
    this.#lastServer = server;
  }

  /** Returns whether the next word was the value. */
  #dashOptions(text: string, next: string | undefined, isDefaults: boolean): boolean {
    const reading = this.#reading;
    let rest = text;
    while (rest !== '' && SWITCHES.includes(rest[0]!)) {
      this.#switch(rest[0]!);
      rest = rest.slice(1);
      if (rest === '' || this.#asked !== undefined) return false;
    }
    const letter = rest.slice(0, 1);
    const value = rest.length > 1 ? rest.slice(1) : next;
    if (letter === '' || !ALL_LETTERS.includes(letter) || value === undefined) {
      return reading.invalidOption(`-${rest}`);
    }
    const context: DashContext = {
      reading,
      isDefaults,
      addName: (name) => this.#add(name, true),
      setBatchFile: (path) => (this.#batchFile = path),
      namesFollow: () => (this.#wordsMayBeTypes = false),
    };
    applyDashOption(context, letter, value);
    return rest.length === 1;
  }

  #switch(letter: string): void {
    const { lookup } = this.#reading;
    switch (letter) {
      case '4':
      case '6':
        this.#family(letter === '4' ? 4 : 6);
        break;
      case 'h':
        this.#asked = 'help';
        break;
      case 'v':
        this.#asked = 'version';
        break;
      case 'u':
        lookup.microseconds = true;
        break;
      case 'd':
      case 'm':
        this.#reading.unsupported(`-${letter}`);
        break;
      default:
      // '-r' was heeded before; '-i' and '-n' mean nothing any more.
    }
  }

  /** As dig, which switches the other family off for good. */
  #family(family: Family): void {
    const { globals } = this.#reading;
    if (globals.family !== undefined && globals.family !== family) {
      this.#reading.refuse(`can't find IPv${family} networking`);
    }
    globals.family = family;
  }

  /** Takes a bare word for a type, else for a class. */
  #isTypeOrClass(word: string): boolean {
    if (!this.#wordsMayBeTypes) return false;
    const reading = this.#reading;
    const isIxfr = isIxfrSerial(word);
    const type = isIxfr ? RRType.IXFR : parseType(word);
    if (type === RRType.IXFR && !isIxfr) {
      reading.warn('ixfr requires a serial number');
      return true;
    }
    if (type !== undefined) {
      setType(reading, type, word);
      return true;
    }
    const dnsClass = classOf(word);
    if (dnsClass === undefined) return false;
    setClass(reading, dnsClass);
    return true;
  }

  #clone(): LookupDraft {
    const { base } = this.#reading;
    return { ...base, way: { ...base.way } };
  }

  #begin(): LookupDraft {
    if (this.#needsClone) this.#reading.lookup = this.#clone();
    this.#needsClone = true;
    return this.#reading.lookup;
  }

  /** Options that follow are this lookup's own. */
  #add(name: string, isGreeting: boolean): void {
    const draft = this.#begin();
    this.#lookups.push({ name, draft, greeting: isGreeting ? this.#greet() : undefined });
  }

  /** As dig: without a name, the name servers of the root, whatever type was given. */
  #addRoot(): void {
    this.#add('.', true);
    this.#reading.lookup.type = RRType.NS;
    this.#reading.lookup.isTypeNamed = true;
  }

  /** The first name of a command line or batch line is greeted, as things stand by then. */
  #greet(): Lookup['greeting'] {
    const { globals } = this.#reading;
    if (this.#isGreeted) return undefined;
    this.#isGreeted = true;
    if (!globals.showsCommand) return undefined;
    const isFirst = !this.#hasGreeted;
    this.#hasGreeted = true;
    return { isFirst, isShort: globals.short, words: this.#words, server: this.#lastServer };
  }
}

function wordsOf(line: string, max: number): readonly string[] {
  return line
    .split(/[ \t\r\n]+/)
    .filter((word) => word !== '')
    .slice(0, max);
}
