/**
 * dig's command line, which no general parser reads: names, types, classes, `@server`, `-x` and
 * `+option` in any order. What comes before the first name is the default of all lookups; what
 * comes after a name belongs to that name.
 */

import { addressFamily, type Family } from '../net/address.ts';
import { DnsClass, parseClass, parseType, RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';
import { failure, success, type Result } from '../wire/result.ts';
import {
  applyPlusOption,
  type Draft,
  type SettingsDraft,
  type UsageProblem,
} from './plus-options.ts';
import { reverseName } from './reverse-name.ts';
import {
  defaultGlobals,
  defaultSettings,
  type Globals,
  type Lookup,
  type Settings,
} from './settings.ts';

export type Invocation =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'lookups';
      /** At least one. */
      readonly lookups: readonly Lookup[];
      readonly globals: Globals;
      readonly greeting: Greeting;
      /** For the user to know, not worth stopping for. */
      readonly warnings: readonly string[];
    };

/** What the banner says, as it stood when the first name was read: dig's habit. */
export interface Greeting {
  readonly isShown: boolean;
  readonly isShort: boolean;
  /** The last '@server' that had been read: the number of its addresses is told. */
  readonly server: string | undefined;
}

/** A command line of more words is not one that somebody typed. */
const MAX_ARGUMENTS = 10_000;
/** Each is waited for in turn when the others are silent. */
const MAX_SERVERS = 64;

export function parseCommandLine(argv: readonly string[]): Result<Invocation, UsageProblem> {
  if (argv.length > MAX_ARGUMENTS) {
    return failure({ kind: 'other', problem: `more than ${MAX_ARGUMENTS} arguments` });
  }
  const reader = new Reader(argv);
  try {
    return success(reader.read());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return failure({ kind: error.kind, problem: error.message });
  }
}

/** Never leaves this module. */
class UsageError extends Error {
  readonly kind: UsageProblem['kind'];

  constructor(message: string, kind: UsageProblem['kind'] = 'other') {
    super(message);
    this.kind = kind;
  }
}

/** Options without a value, which may stand together ('-4r'). */
const SWITCHES = '46hrv';
/** Options with a value, glued or as the next argument. */
const VALUED = 'bcpqtx';
/** Options of dig that are refused by name. */
const UNSUPPORTED = 'dfikmuy';

interface NamedLookup {
  readonly name: DnsName;
  readonly draft: Draft['settings'];
}

class Reader {
  readonly #argv: readonly string[];
  #at = 0;
  readonly #draft: Draft = { settings: { ...defaultSettings }, globals: { ...defaultGlobals } };
  readonly #defaults: Settings = this.#draft.settings;
  readonly #lookups: NamedLookup[] = [];
  readonly #warnings: string[] = [];
  #greeting: Greeting | undefined;
  /** '-t', '-c' and '-q' say which is which, so that bare words are names from there on. */
  #wordsMayBeTypes = true;
  #asked: 'help' | 'version' | undefined;

  constructor(argv: readonly string[]) {
    this.#argv = argv;
  }

  read(): Invocation {
    while (this.#at < this.#argv.length && this.#asked === undefined) {
      this.#argument(this.#argv[this.#at++]!);
    }
    if (this.#asked !== undefined) return { kind: this.#asked };
    // As dig: without a name, the name servers of the root, whatever type was given.
    if (this.#lookups.length === 0) this.#addLookup(DnsName.root, RRType.NS);
    return {
      kind: 'lookups',
      lookups: this.#lookups.map(({ name, draft }) => ({ name, settings: settle(draft) })),
      globals: this.#draft.globals,
      greeting: this.#greeting!,
      warnings: this.#warnings,
    };
  }

  #argument(argument: string): void {
    if (argument.startsWith('@')) this.#server(argument.slice(1));
    else if (argument.startsWith('+')) this.#plusOption(argument.slice(1));
    else if (argument.startsWith('-')) this.#dashOptions(argument);
    else this.#word(argument);
  }

  #server(server: string): void {
    if (server === '') throw new UsageError("'@' without a server");
    const { settings } = this.#draft;
    if (settings.servers.length === MAX_SERVERS) {
      throw new UsageError(`more than ${MAX_SERVERS} servers`);
    }
    // As dig: more servers are more to fall back on.
    settings.servers = [...settings.servers, server];
  }

  #plusOption(text: string): void {
    const problem = applyPlusOption(text, this.#draft);
    if (problem !== undefined) throw new UsageError(problem.problem, problem.kind);
  }

  #dashOptions(argument: string): void {
    let rest = argument.slice(1);
    while (rest !== '' && SWITCHES.includes(rest[0]!)) {
      this.#switch(rest[0]!);
      rest = rest.slice(1);
      if (rest === '') return;
    }
    const letter = rest.slice(0, 1);
    if (letter !== '' && UNSUPPORTED.includes(letter)) {
      throw new UsageError(`-${letter} is not supported by this version`);
    }
    const isValued = letter !== '' && VALUED.includes(letter);
    const value = rest.length > 1 ? rest.slice(1) : this.#argv[this.#at++];
    if (!isValued || value === undefined) {
      throw new UsageError(`Invalid option: ${argument}`, 'unknown option');
    }
    this.#valued(letter, value);
  }

  #switch(letter: string): void {
    switch (letter) {
      case 'h':
        this.#asked = 'help';
        break;
      case 'v':
        this.#asked = 'version';
        break;
      case 'r':
        // There is no file of defaults to be left unread.
        break;
      default:
        this.#family(letter === '4' ? 4 : 6);
    }
  }

  #family(family: Family): void {
    const { globals } = this.#draft;
    if (globals.family !== undefined && globals.family !== family) {
      throw new UsageError('only one of -4 and -6 allowed');
    }
    globals.family = family;
  }

  #valued(letter: string, value: string): void {
    switch (letter) {
      case 'b':
        return this.#localAddress(value);
      case 'c':
        this.#wordsMayBeTypes = false;
        return this.#known('class', value, parseClass(value));
      case 'p':
        this.#draft.globals.port = portOf(value);
        return;
      case 'q':
        return this.#addLookup(nameOf(value));
      case 't':
        this.#wordsMayBeTypes = false;
        return this.#known('type', value, typeOf(value));
      default:
        return this.#reverse(value);
    }
  }

  #localAddress(value: string): void {
    if (addressFamily(value) === undefined) throw new UsageError(`invalid address ${value}`);
    this.#draft.globals.localAddress = value;
  }

  #reverse(address: string): void {
    const name = reverseName(address);
    if (!name.ok) throw new UsageError(name.error, 'bad value');
    this.#addLookup(name.value, RRType.PTR);
    this.#draft.settings.class = DnsClass.IN;
  }

  /** A bare word: a type, else a class, else a name. */
  #word(word: string): void {
    const type = this.#wordsMayBeTypes ? typeOf(word) : undefined;
    if (type !== undefined) return this.#type(type);
    const dnsClass = this.#wordsMayBeTypes ? parseClass(word) : undefined;
    if (dnsClass !== undefined) return this.#class(dnsClass);
    this.#addLookup(nameOf(word));
  }

  #known(what: 'type' | 'class', text: string, code: number | undefined): void {
    if (code === undefined) this.#warnings.push(`ignoring invalid ${what} ${text}`);
    else if (what === 'type') this.#type(code);
    else this.#class(code);
  }

  #type(type: number): void {
    const { settings } = this.#draft;
    if (settings.isTypeNamed) this.#warnings.push('extra type option');
    settings.type = type;
    settings.isTypeNamed = true;
  }

  #class(dnsClass: number): void {
    const { settings } = this.#draft;
    if (settings.isClassNamed) this.#warnings.push('extra class option');
    settings.class = dnsClass;
    settings.isClassNamed = true;
  }

  /** Options that follow are this lookup's own. */
  #addLookup(name: DnsName, type?: number): void {
    const draft = { ...this.#defaults };
    if (type !== undefined) {
      draft.type = type;
      draft.isTypeNamed = true;
    }
    this.#draft.settings = draft;
    this.#lookups.push({ name, draft });
    const { globals } = this.#draft;
    this.#greeting ??= {
      isShown: globals.showsCommand,
      isShort: globals.short,
      server: draft.servers.at(-1),
    };
  }
}

function settle({ tcp, ...settings }: SettingsDraft): Settings {
  const isTcp = tcp ?? (settings.type === RRType.ANY || settings.explains);
  return { ...settings, transport: isTcp ? 'tcp' : 'udp' };
}

/** Types whose replies are many messages, or sign them; ts-dig has neither. */
const REFUSED_TYPES: ReadonlyMap<number, string> = new Map([
  [RRType.AXFR, 'zone transfers'],
  [RRType.IXFR, 'zone transfers'],
  [RRType.OPT, 'questions for OPT'],
  [RRType.TSIG, 'signed queries'],
  [RRType.TKEY, 'signed queries'],
]);

function typeOf(text: string): number | undefined {
  const type = /^ixfr=/i.test(text) ? RRType.IXFR : parseType(text);
  const refused = type === undefined ? undefined : REFUSED_TYPES.get(type);
  if (refused === undefined) return type;
  throw new UsageError(`${refused} are not supported by this version`);
}

function nameOf(text: string): DnsName {
  const name = parseName(octetsOf(text), DnsName.root);
  if (!name.ok) throw new UsageError(`'${text}' is not a legal name (${name.error})`, 'bad value');
  return name.value;
}

function portOf(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 1 || port > 0xffff) {
    throw new UsageError(`invalid port number '${text}': not a number from 1 to 65535`);
  }
  return port;
}
