/**
 * The table of `+options`, from which the parser and the usage text are made. Names and
 * abbreviations are those of dig 9.18: an abbreviation counts when it fits one name only among all
 * that dig has, so that what is short today does not change its meaning with a later version.
 *
 * Names that dig has and ts-dig has not are listed too, to be refused by name.
 */

import type { Globals, Settings } from './settings.ts';

/** With the transport not yet settled. */
export type SettingsDraft = Mutable<Settings> & { tcp?: boolean };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The settings under construction: those of the current lookup and the global ones. */
export interface Draft {
  settings: SettingsDraft;
  readonly globals: Mutable<Globals>;
}

export interface PlusOption {
  readonly name: string;
  /** Other spellings, never abbreviated. */
  readonly aliases?: readonly string[];
  readonly value: 'none' | 'optional' | 'required';
  /** What stands behind '=' in the usage text. */
  readonly valueName?: string;
  readonly negatable: boolean;
  readonly help: string;
  /** Returns what is wrong with the value, as the text behind 'invalid '. */
  apply(draft: Draft, input: PlusInput): string | undefined;
}

interface PlusInput {
  readonly isOn: boolean;
  readonly value: string | undefined;
}

/** What is wrong, in words for the user. dig adds its usage to the first kind. */
export interface UsageProblem {
  readonly kind: 'unknown option' | 'bad value' | 'other';
  readonly problem: string;
}

/** Applies `+text` (given without the plus) to the draft. */
export function applyPlusOption(text: string, draft: Draft): UsageProblem | undefined {
  const equals = text.indexOf('=');
  const word = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  const isOn = !word.startsWith('no');
  const invalid = { kind: 'unknown option', problem: `Invalid option: +${text}` } as const;
  const name = completeName(isOn ? word : word.slice(2));
  if (name === undefined) return invalid;
  const option = BY_NAME.get(name);
  if (option === undefined) {
    // Not doing what we cannot do is what was asked for.
    if (!isOn) return undefined;
    return { kind: 'other', problem: `+${name} is not supported by this version` };
  }
  if (!isOn && !option.negatable) return invalid;
  if (isOn && option.value === 'required' && (value ?? '') === '') return invalid;
  const problem = option.apply(draft, { isOn, value });
  return problem === undefined ? undefined : { kind: 'bad value', problem: `invalid ${problem}` };
}

/** The one name that `word` is or abbreviates. */
function completeName(word: string): string | undefined {
  if (word === '') return undefined;
  const exact = ALIASES.get(word);
  if (exact !== undefined) return exact;
  const fitting = ALL_NAMES.filter((name) => name.startsWith(word));
  return fitting.length === 1 ? fitting[0] : undefined;
}

type SwitchKey<T> = { [K in keyof T]: T[K] extends boolean ? K : never }[keyof T];

function toggle(
  name: string,
  key: SwitchKey<Settings>,
  about: { readonly help: string; readonly aliases?: readonly string[] },
): PlusOption {
  return {
    name,
    ...about,
    value: 'none',
    negatable: true,
    apply({ settings }, { isOn }) {
      settings[key] = isOn;
      return undefined;
    },
  };
}

function number(
  text: string | undefined,
  what: string,
  max: number,
): { readonly value: number } | string {
  if (!/^[0-9]{1,10}$/.test(text ?? '')) return `${what} '${text}': not a valid number`;
  const value = Number(text);
  return value <= max ? { value } : `${what} '${text}': out of range (0 to ${max})`;
}

/** An option with a number, which `set` stores. */
function counted(
  name: string,
  about: { readonly what: string; readonly max: number; readonly help: string },
  set: (draft: Draft, value: number) => void,
): PlusOption {
  return {
    name,
    value: 'required',
    valueName: '###',
    negatable: false,
    help: about.help,
    apply(draft, { value }) {
      const parsed = number(value, about.what, about.max);
      if (typeof parsed === 'string') return parsed;
      set(draft, parsed.value);
      return undefined;
    },
  };
}

/** Enough for any test, and short enough to come to an end. */
const MAX_TRIES = 0xffff;
const MAX_TIMEOUT_SECONDS = 0xffff;

const all: PlusOption = {
  name: 'all',
  value: 'none',
  negatable: true,
  help: 'Set or clear all display flags',
  apply(draft, { isOn }) {
    showSections(draft, isOn);
    draft.settings.showsAnswer = isOn;
    draft.globals.showsCommand = isOn;
    return undefined;
  },
};

const short: PlusOption = {
  name: 'short',
  value: 'none',
  negatable: true,
  help: 'Show the data of the answers only - global option',
  apply(draft, { isOn }) {
    draft.globals.short = isOn;
    if (!isOn) return undefined;
    showSections(draft, false);
    draft.settings.showsAnswer = true;
    draft.globals.showsCommand = false;
    return undefined;
  },
};

const trace: PlusOption = {
  name: 'trace',
  value: 'none',
  negatable: true,
  help: 'Walk the delegations down from the root',
  apply(draft, { isOn }) {
    draft.settings.trace = isOn;
    if (!isOn) return undefined;
    const { settings } = draft;
    showSections(draft, false);
    settings.showsAuthority = true;
    settings.identifies = true;
    settings.rd = false;
    settings.dnssecOk = true;
    settings.ednsVersion ??= 0;
    return undefined;
  },
};

/** All but the answer section. */
function showSections({ settings }: Draft, isOn: boolean): void {
  settings.showsQuestion = isOn;
  settings.showsAuthority = isOn;
  settings.showsAdditional = isOn;
  settings.showsComments = isOn;
  settings.showsStats = isOn;
}

const dnssec: PlusOption = {
  name: 'dnssec',
  aliases: ['do'],
  value: 'none',
  negatable: true,
  help: 'Request DNSSEC records',
  apply({ settings }, { isOn }) {
    settings.dnssecOk = isOn;
    if (isOn) settings.ednsVersion ??= 0;
    return undefined;
  },
};

const nsid: PlusOption = {
  name: 'nsid',
  value: 'none',
  negatable: true,
  help: 'Request the identifier of the server',
  apply({ settings }, { isOn }) {
    settings.nsid = isOn;
    if (isOn) settings.ednsVersion ??= 0;
    return undefined;
  },
};

const explain: PlusOption = {
  name: 'explain',
  value: 'none',
  negatable: true,
  help: 'Ask a ts-dns server how it comes to its answer',
  apply({ settings }, { isOn }) {
    settings.explains = isOn;
    if (isOn) settings.ednsVersion ??= 0;
    return undefined;
  },
};

const bufsize: PlusOption = {
  name: 'bufsize',
  value: 'optional',
  valueName: '###',
  negatable: true,
  help: 'Set the largest UDP message to be received',
  apply({ settings }, { isOn, value }) {
    settings.udpPayloadSize = undefined;
    if (!isOn) return undefined;
    settings.ednsVersion ??= 0;
    if (value === undefined) return undefined;
    const parsed = number(value, 'buffer size', 0xffff);
    if (typeof parsed === 'string') return parsed;
    settings.udpPayloadSize = parsed.value;
    return undefined;
  },
};

const edns: PlusOption = {
  name: 'edns',
  value: 'optional',
  valueName: '###',
  negatable: true,
  help: 'Set the EDNS version [0]',
  apply({ settings }, { isOn, value }) {
    settings.ednsVersion = undefined;
    if (!isOn) return undefined;
    const parsed = number(value ?? '0', 'edns', 0xff);
    if (typeof parsed === 'string') return parsed;
    settings.ednsVersion = parsed.value;
    return undefined;
  },
};

const tcp: PlusOption = {
  name: 'tcp',
  aliases: ['vc'],
  value: 'none',
  negatable: true,
  help: 'Ask over TCP',
  apply({ settings }, { isOn }) {
    settings.tcp = isOn;
    return undefined;
  },
};

const cmd: PlusOption = {
  name: 'cmd',
  value: 'none',
  negatable: true,
  help: 'Show the command line - global option',
  apply({ globals }, { isOn }) {
    globals.showsCommand = isOn;
    return undefined;
  },
};

const json: PlusOption = {
  name: 'json',
  value: 'none',
  negatable: true,
  help: 'Print one JSON object a lookup - global option',
  apply({ globals }, { isOn }) {
    globals.json = isOn;
    return undefined;
  },
};

export const PLUS_OPTIONS: readonly PlusOption[] = [
  toggle('additional', 'showsAdditional', { help: 'Show the additional section' }),
  toggle('adflag', 'ad', { help: 'Set the AD flag in the query [on]', aliases: ['ad'] }),
  all,
  toggle('answer', 'showsAnswer', { help: 'Show the answer section' }),
  toggle('authority', 'showsAuthority', { help: 'Show the authority section' }),
  bufsize,
  toggle('cdflag', 'cd', { help: 'Set the CD flag in the query' }),
  toggle('class', 'showsClass', { help: 'Show the class of records', aliases: ['cl'] }),
  cmd,
  toggle('comments', 'showsComments', { help: 'Show the header, EDNS and section names' }),
  dnssec,
  edns,
  toggle('ednsnegotiation', 'negotiatesEdns', {
    help: 'Ask again with the EDNS version of the server [on]',
  }),
  explain,
  toggle('identify', 'identifies', { help: 'Say which server sent each reply' }),
  toggle('ignore', 'ignoresTruncation', { help: 'Do not retry truncated replies over TCP' }),
  json,
  toggle('multiline', 'multiline', { help: 'Show long data over several lines' }),
  nsid,
  toggle('question', 'showsQuestion', { help: 'Show the question section' }),
  toggle('recurse', 'rd', { help: 'Ask for recursion [on]', aliases: ['rdflag'] }),
  counted(
    'retry',
    { what: 'retries', max: MAX_TRIES - 1, help: 'Ask so many times more' },
    (draft, value) => (draft.settings.tries = value + 1),
  ),
  short,
  toggle('stats', 'showsStats', { help: 'Show time, server and size of the reply' }),
  tcp,
  counted(
    'timeout',
    { what: 'timeout', max: MAX_TIMEOUT_SECONDS, help: 'Wait so many seconds for a reply [5]' },
    (draft, value) => (draft.globals.timeoutMs = Math.max(1, value) * 1000),
  ),
  trace,
  toggle('ttlid', 'showsTtl', { help: 'Show the TTL of records', aliases: ['ttl'] }),
  counted(
    'tries',
    { what: 'tries', max: MAX_TRIES, help: 'Ask so many times in all [3]' },
    (draft, value) => (draft.settings.tries = Math.max(1, value)),
  ),
];

/** Of dig 9.18, not here yet. */
const UNSUPPORTED: readonly string[] =
  `aaflag aaonly badcookie besteffort coflag cookie crypto defname dns64prefix domain dscp
  ednsflags ednsopt expandaaaa expire fail fuzztime header-only http-plain
  http-plain-get http-plain-post https https-get https-post idnin idnout keepalive keepopen mapped
  ndots nssearch onesoa opcode padding qid qr raflag rrcomments search showbadcookie
  showsearch sigchase split subnet tcflag tls tls-ca tls-certfile tls-hostname tls-keyfile topdown
  trusted-key ttlunits unexpected unknownformat yaml zflag`.split(/\s+/);

const BY_NAME: ReadonlyMap<string, PlusOption> = new Map(
  PLUS_OPTIONS.map((option) => [option.name, option]),
);
const ALL_NAMES: readonly string[] = [...BY_NAME.keys(), ...UNSUPPORTED];
const ALIASES: ReadonlyMap<string, string> = new Map([
  ...ALL_NAMES.map((name) => [name, name] as const),
  ...PLUS_OPTIONS.flatMap(({ name, aliases = [] }) =>
    aliases.map((alias) => [alias, name] as const),
  ),
  ['co', 'coflag'],
]);
